package io.pgfleet.bench.figures;

import java.util.List;
import java.util.Optional;

/**
 * One load, on all peers in turn.
 *
 * @param group the command that measured it, such as {@code gateway}
 * @param load its name on the command line
 * @param title what it is, for a reader
 * @param date the day, as YYYY-MM-DD
 * @param machine what one must know of the machine, a line each
 * @param settings of the measurement, in words
 */
public record Run(
    String group,
    String load,
    String title,
    String date,
    List<String> machine,
    String settings,
    List<PeerRun> peers) {
  public Run {
    machine = List.copyOf(machine);
    peers = List.copyOf(peers);
  }

  /**
   * What the others are compared with: PgBouncer, or where it has no figures the way without
   * anything in between, the primary alone, or pgBackRest.
   */
  Optional<PeerRun> baseline() {
    return withFigures("PgBouncer")
        .or(() -> withFigures("direct"))
        .or(() -> withFigures("primary only"))
        .or(() -> withFigures("pgBackRest"));
  }

  private Optional<PeerRun> withFigures(String name) {
    return peers.stream()
        .filter(peer -> peer.name().startsWith(name) && peer.throughput().isPresent())
        .findFirst();
  }

  boolean sameLoad(Run other) {
    return group.equals(other.group) && load.equals(other.load);
  }
}
