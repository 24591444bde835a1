package io.pgfleet.chaos.report;

import io.pgfleet.chaos.check.Outages.Gap;
import io.pgfleet.chaos.client.Journal.Counts;
import io.pgfleet.chaos.client.RoleSpan;
import io.pgfleet.chaos.plan.Fault;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What happened in a run; all times count from its beginning.
 *
 * @param strict whether the durability was strict, else quorum
 * @param roles what each server was to one who asked it
 * @param outages times in which no client got a write acknowledged
 * @param notes what processes did by themselves, such as ending
 * @param violations broken promises; empty if all held
 */
public record Run(
    long seed,
    Instant began,
    Duration length,
    Duration lease,
    boolean strict,
    String versions,
    List<FaultDone> faults,
    List<String> nodes,
    List<RoleSpan> roles,
    List<Gap> outages,
    Traffic traffic,
    List<String> notes,
    List<String> violations) {
  public Run {
    faults = List.copyOf(faults);
    nodes = List.copyOf(nodes);
    roles = List.copyOf(roles);
    outages = List.copyOf(outages);
    notes = List.copyOf(notes);
    violations = List.copyOf(violations);
  }

  /**
   * A fault and what came of it.
   *
   * @param target whom it hit
   * @param undone when it was taken back
   * @param whole when the group was whole again; empty if it did not get so in time
   * @param outage the longest wait of one client from an acknowledged write to its next
   * @param errors how many errors clients saw
   */
  public record FaultDone(
      Fault fault,
      String target,
      Duration begun,
      Duration undone,
      Optional<Duration> whole,
      Duration outage,
      int errors) {}

  /** What clients did. */
  public record Traffic(Counts appends, Counts transfers, Counts probes, long reads, int errors) {}

  /** Whether every promise held. */
  public boolean passed() {
    return violations.isEmpty();
  }
}
