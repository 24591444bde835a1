package io.pgfleet.bench.carddb;

import java.time.LocalDate;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Made-up contents of collections, the same for the same seed: rows for COPY in its text format
 * (PostgreSQL manual, 'COPY').
 */
final class GeneratedItems {
  /** Distinct lots in a full collection. */
  static final int PER_COLLECTION = 200;

  static final String COLUMNS =
      "collection_id, card_id, condition, quantity, price_paid, acquired_on";

  private static final LocalDate FIRST_DAY = LocalDate.of(2015, 1, 1);
  private static final int DAYS = 3650;
  private static final int MOST_COPIES = 4;
  private static final int HIGHEST_CENTS = 5000;
  private static final int WITHOUT_PRICE = 10;

  private final List<Long> collections;
  private final List<Long> cards;
  private final SplittableRandom random;
  private final int lots;
  private long made;
  private int lot;
  private int stride = 1;

  /**
   * A stream of items.
   *
   * @throws IllegalArgumentException if there are too few cards to fill a collection
   */
  GeneratedItems(List<Long> collections, List<Long> cards, long seed) {
    this.collections = List.copyOf(collections);
    this.cards = List.copyOf(cards);
    this.lots = cards.size() * Choices.CONDITIONS.size();
    this.random = new SplittableRandom(seed);
    if (lots < PER_COLLECTION) {
      throw new IllegalArgumentException("a collection needs " + PER_COLLECTION + " lots");
    }
  }

  /** How many collections hold so many items. */
  static int collectionsFor(long items) {
    return Math.toIntExact(Math.ceilDiv(items, (long) PER_COLLECTION));
  }

  /** The next row, with its line end. */
  String next() {
    int collection = (int) (made / PER_COLLECTION);
    if (made % PER_COLLECTION == 0) {
      // Steps that share no factor with the number of lots meet each of them once.
      lot = random.nextInt(lots);
      do {
        stride = 1 + random.nextInt(lots - 1);
      } while (commonDivisor(stride, lots) != 1);
    }
    made++;
    lot = (lot + stride) % lots;
    int cents = random.nextInt(HIGHEST_CENTS);
    String price =
        random.nextInt(WITHOUT_PRICE) == 0
            ? "\\N"
            : cents / 100 + "." + cents / 10 % 10 + cents % 10;
    return collections.get(collection)
        + "\t"
        + cards.get(lot % cards.size())
        + "\t"
        + Choices.CONDITIONS.get(lot / cards.size())
        + "\t"
        + (1 + random.nextInt(MOST_COPIES))
        + "\t"
        + price
        + "\t"
        + FIRST_DAY.plusDays(random.nextInt(DAYS))
        + "\n";
  }

  private static int commonDivisor(int a, int b) {
    return b == 0 ? a : commonDivisor(b, a % b);
  }
}
