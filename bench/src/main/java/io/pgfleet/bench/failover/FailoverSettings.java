package io.pgfleet.bench.failover;

import java.time.Duration;
import java.util.List;

/**
 * What is measured.
 *
 * @param rounds how often each scenario but the planned move
 * @param switchovers how often the planned move
 * @param scenarios in this order
 * @param settle how long a cluster is whole before each round
 * @param patience how long a cluster may take until it writes again, and until it is whole again
 */
public record FailoverSettings(
    int rounds, int switchovers, List<Scenario> scenarios, Duration settle, Duration patience) {
  /** Checks that there is something to do. */
  public FailoverSettings {
    scenarios = List.copyOf(scenarios);
    if (rounds < 1 || switchovers < 1 || scenarios.isEmpty()) {
      throw new IllegalArgumentException("at least one round of one scenario");
    }
  }

  /** How often a scenario happens. */
  int rounds(Scenario scenario) {
    return scenario == Scenario.SWITCHOVER ? switchovers : rounds;
  }
}
