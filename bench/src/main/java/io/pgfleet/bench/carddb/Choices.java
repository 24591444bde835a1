package io.pgfleet.bench.carddb;

import io.pgfleet.bench.carddb.Operation.Add;
import io.pgfleet.bench.carddb.Operation.Search;
import io.pgfleet.bench.carddb.Operation.Show;
import io.pgfleet.bench.carddb.Operation.Trade;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * What a client does next, by chance: of a hundred operations 40 search, 25 show a collection, 25
 * add to one and 10 trade.
 */
final class Choices {
  static final List<String> CONDITIONS = List.of("mint", "fine", "good", "worn", "damaged");

  private static final List<String> ATTRIBUTES =
      List.of(
          "{\"suit\": \"cups\", \"court\": true}",
          "{\"suit\": \"coins\"}",
          "{\"element\": \"fire\"}",
          "{\"arcana\": \"major\"}",
          "{\"month\": 8}",
          "{\"kind\": \"bright\"}",
          "{\"one_eyed\": true}",
          "{\"rank\": \"king\"}",
          "{\"points\": 11}",
          "{\"color\": \"red\", \"value\": 7}");

  private static final int SEARCHES = 40;
  private static final int SHOWS = 25;
  private static final int ADDS = 25;
  private static final int MOST_COPIES = 4;
  private static final int HIGHEST_PRICE = 20;

  private final long run;
  private final int client;
  private final Holdings holdings;
  private final RandomGenerator random;

  Choices(long run, int client, Holdings holdings, RandomGenerator random) {
    this.run = run;
    this.client = client;
    this.holdings = holdings;
    this.random = random;
  }

  /** The next operation; a write takes a number from the client's promises. */
  Operation next(Promises promises) {
    int dice = random.nextInt(100);
    if (dice < SEARCHES) {
      return new Search(ATTRIBUTES.get(random.nextInt(ATTRIBUTES.size())));
    }
    if (dice < SEARCHES + SHOWS) {
      return new Show(holdings.anyCollection(random).id());
    }
    OperationId id = new OperationId(run, client, promises.begin());
    Holdings.Collection collection = holdings.anyCollection(random);
    if (dice < SEARCHES + SHOWS + ADDS) {
      return new Add(
          id.uuid(),
          collection.id(),
          holdings.anyCard(random),
          CONDITIONS.get(random.nextInt(CONDITIONS.size())),
          1 + random.nextInt(MOST_COPIES));
    }
    return new Trade(
        id.uuid(),
        collection,
        holdings.otherThan(collection, random),
        holdings.anyCard(random),
        random.nextInt(HIGHEST_PRICE + 1));
  }
}
