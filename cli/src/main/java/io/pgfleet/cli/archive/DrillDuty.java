package io.pgfleet.cli.archive;

import io.pgfleet.backup.Archive;
import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.base.Backups;
import io.pgfleet.backup.drill.DrillReport;
import io.pgfleet.backup.drill.Drills;
import io.pgfleet.cli.control.StatusReport;
import io.pgfleet.spec.BackupSpec;
import io.pgfleet.spec.FleetSpec;
import io.pgfleet.spec.NodeName;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drills when they are due. Each node's program has one, and that of one node does it: the first
 * standby by name, or the primary of a fleet without standbys.
 */
final class DrillDuty implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(DrillDuty.class);
  private static final Duration LONGEST_LOOK = Duration.ofMinutes(1);
  private static final Duration SHORTEST_LOOK = Duration.ofSeconds(5);

  private final FleetSpec fleet;
  private final NodeName node;
  private final Supplier<StatusReport> status;
  private final LongSupplier system;
  private final DrillRound round;
  private final Thread thread;
  private volatile boolean closed;

  /**
   * That of a node; it begins at once.
   *
   * @param system the cluster's system identifier; 0 while it is not known
   */
  DrillDuty(
      FleetSpec fleet,
      NodeName node,
      Supplier<StatusReport> status,
      LongSupplier system,
      DrillRound round) {
    this.fleet = fleet;
    this.node = node;
    this.status = status;
    this.system = system;
    this.round = round;
    this.thread = Thread.ofPlatform().daemon().name("drill-" + node).start(this::run);
  }

  private Duration look() {
    Duration tenth = fleet.backup().drill().every().dividedBy(10);
    return tenth.compareTo(LONGEST_LOOK) > 0
        ? LONGEST_LOOK
        : tenth.compareTo(SHORTEST_LOOK) < 0 ? SHORTEST_LOOK : tenth;
  }

  private void run() {
    while (!closed) {
      try {
        Thread.sleep(look());
        if (system.getAsLong() != 0 && isChosen(status.get())) {
          fleet.backup().repositories().forEach(this::drill);
        }
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        log.error("drills", e);
      }
    }
  }

  private boolean isChosen(StatusReport report) {
    List<StatusReport.Node> nodes = report.groups().getFirst().nodes();
    Optional<StatusReport.Node> standby =
        nodes.stream()
            .filter(one -> one.role().equals("standby"))
            .min(Comparator.comparing(StatusReport.Node::name));
    return standby
        .or(() -> nodes.stream().filter(one -> one.role().equals("primary")).findFirst())
        .filter(one -> one.name().equals(node.value()))
        .isPresent();
  }

  private void drill(BackupSpec.Repository spec) {
    String name = spec.name();
    try (Repository repository = Repository.open(fleet, spec)) {
      Archive archive = repository.archive(system.getAsLong());
      if (!isDue(archive)) {
        return;
      }
      log.info("drill of repository {} begins", name);
      DrillReport report = round.run(archive, behind(name), words -> {});
      if (report.passed()) {
        log.info(
            "drill of repository {} passed: {} restored in {} ms",
            name,
            report.backup(),
            report.restoreMillis());
      } else {
        log.error("drill of repository {} failed: {}", name, report.failure());
      }
    } catch (BackupException e) {
      log.error("no drill of repository {}: {} {}", name, e.getMessage(), e.hint());
    }
  }

  private boolean isDue(Archive archive) {
    if (new Backups(archive).ids().isEmpty()) {
      return false;
    }
    Optional<DrillReport> last = new Drills(archive).newest();
    BackupSpec.Drill drill = fleet.backup().drill();
    Timetable timetable = new Timetable(drill.every(), drill.at());
    return last.isEmpty()
        || !timetable.next(last.get().began(), ZoneId.systemDefault()).isAfter(Instant.now());
  }

  /** How old the newest WAL in a repository is, as far as its archiver says. */
  private Optional<Duration> behind(String name) {
    return status.get().archives().stream()
        .filter(archive -> archive.name().equals(name))
        .flatMap(archive -> archive.confirmed().stream())
        .map(at -> Duration.between(Instant.parse(at), Instant.now()))
        .findFirst();
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
