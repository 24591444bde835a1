package io.pgfleet.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class StandbyMinimumsTest {
  private static final Map<String, Integer> USUAL =
      Map.of(
          "max_connections", 100,
          "max_worker_processes", 8,
          "max_wal_senders", 16,
          "max_prepared_transactions", 0,
          "max_locks_per_transaction", 64);

  @Test
  void aStandbyNeverHasLessThanItsPrimaryHad() {
    Map<String, Integer> primary = Map.of("max_connections", 200, "max_prepared_transactions", 5);
    assertThat(StandbyMinimums.raised(Map.of("max_connections", "50"), primary))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of("max_connections", "200", "max_prepared_transactions", "5"));
    // Not set by the user: the default counts, here less than the primary's.
    assertThat(StandbyMinimums.raised(Map.of(), primary)).containsEntry("max_connections", "200");
  }

  @Test
  void whatTheUserSetsStaysWhereItIsEnough() {
    Map<String, String> user = Map.of("max_connections", "150", "work_mem", "8MB");
    assertThat(StandbyMinimums.raised(user, USUAL)).isEqualTo(user);
    assertThat(StandbyMinimums.raised(Map.of(), USUAL)).isEmpty();
    // A primary with less than the default does not lower a standby.
    assertThat(StandbyMinimums.raised(Map.of(), Map.of("max_connections", 20))).isEmpty();
  }

  @Test
  void onlyTheFiveShrink() {
    assertThat(StandbyMinimums.shrinks("max_connections", "100", "99")).isTrue();
    assertThat(StandbyMinimums.shrinks("max_connections", "100", "100")).isFalse();
    assertThat(StandbyMinimums.shrinks("work_mem", "100", "99")).isFalse();
    assertThat(StandbyMinimums.shrinks("max_connections", "100", "many")).isFalse();
  }
}
