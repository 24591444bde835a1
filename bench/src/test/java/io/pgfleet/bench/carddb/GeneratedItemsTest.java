package io.pgfleet.bench.carddb;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class GeneratedItemsTest {
  private static final List<Long> COLLECTIONS = LongStream.range(1, 6).boxed().toList();
  private static final List<Long> CARDS = LongStream.range(1000, 1304).boxed().toList();

  private static List<String> rows(long seed) {
    GeneratedItems items = new GeneratedItems(COLLECTIONS, CARDS, seed);
    List<String> rows = new ArrayList<>();
    for (int i = 0; i < 5 * GeneratedItems.PER_COLLECTION; i++) {
      rows.add(items.next());
    }
    return rows;
  }

  @Test
  void theSameSeedMakesTheSameItems() {
    assertThat(rows(1)).isEqualTo(rows(1)).isNotEqualTo(rows(2));
  }

  @Test
  void aCollectionHoldsALotOnce() {
    Set<List<String>> keys = new HashSet<>();
    for (String row : rows(3)) {
      String[] fields = row.strip().split("\t");
      assertThat(fields).hasSize(6);
      assertThat(fields[4]).matches("\\\\N|\\d+\\.\\d\\d");
      assertThat(keys.add(List.of(fields[0], fields[1], fields[2]))).as(row).isTrue();
    }
  }

  @Test
  void collectionsAreEnoughForTheItems() {
    assertThat(GeneratedItems.collectionsFor(1)).isEqualTo(1);
    assertThat(GeneratedItems.collectionsFor(200)).isEqualTo(1);
    assertThat(GeneratedItems.collectionsFor(100_001)).isEqualTo(501);
  }

  @Test
  void progressTellsTheRate() {
    assertThat(ItemLoader.progress(50_000, 100_000, 2_000_000_000L))
        .isEqualTo("loaded 50,000 of 100,000 collection items, 25,000 a second");
  }

  @Test
  void writesAreNumberedAndReadsAreNot() {
    Holdings holdings =
        new Holdings(
            CARDS, List.of(new Holdings.Collection(1, 10), new Holdings.Collection(2, 20)));
    Promises promises = new Promises();
    Choices choices = new Choices(99, 3, holdings, new SplittableRandom(5));
    int writes = 0;
    for (int i = 0; i < 1000; i++) {
      switch (choices.next(promises)) {
        case Operation.Trade trade -> {
          assertThat(trade.seller().owner()).isNotEqualTo(trade.buyer().owner());
          assertThat(OperationId.of(trade.id())).isEqualTo(new OperationId(99, 3, writes++));
        }
        case Operation.Add add ->
            assertThat(OperationId.of(add.id())).isEqualTo(new OperationId(99, 3, writes++));
        case Operation.Search _, Operation.Show _ -> {}
      }
    }
    assertThat(promises.begun()).isEqualTo(writes).isBetween(250, 450);
  }
}
