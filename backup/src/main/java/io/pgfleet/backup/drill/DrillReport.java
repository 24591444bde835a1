package io.pgfleet.backup.drill;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * What a drill found.
 *
 * @param format the version of this form, 1
 * @param id when it was begun, in UTC
 * @param backup the base backup it began with; empty if there was none to begin with
 * @param target the moment that it recovered to, in words
 * @param bytes of the restored data
 * @param restoreMillis from its beginning until the server accepted connections: the recovery time
 *     (RTO) of this data on this machine; 0 if it never did
 * @param behindMillis how old the newest WAL in the repository was when it began: what the loss of
 *     every server would have cost (RPO); negative if that is not known
 * @param steps in their order
 */
public record DrillReport(
    int format,
    String id,
    String backup,
    String target,
    Instant began,
    Instant ended,
    long bytes,
    long restoreMillis,
    long behindMillis,
    List<Step> steps) {
  /** The only version there is. */
  public static final int FORMAT = 1;

  public DrillReport {
    if (format != FORMAT) {
      throw new IllegalArgumentException("version " + format + " of a drill's report");
    }
    steps = List.copyOf(steps);
  }

  /**
   * A part of a drill.
   *
   * @param detail what was found, a sentence or a few words
   */
  public record Step(String name, boolean passed, String detail, long millis) {}

  /** Whether the repository has proved itself. */
  public boolean passed() {
    return !steps.isEmpty() && steps.stream().allMatch(Step::passed);
  }

  /** Why not; empty if it has. */
  public String failure() {
    return steps.stream()
        .filter(step -> !step.passed())
        .map(step -> step.name() + ": " + step.detail())
        .findFirst()
        .orElse("");
  }

  /** How long it took. */
  public Duration took() {
    return Duration.between(began, ended);
  }
}
