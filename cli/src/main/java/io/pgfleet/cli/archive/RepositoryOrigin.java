package io.pgfleet.cli.archive;

import io.pgfleet.agent.server.StandbyOrigin;
import io.pgfleet.backup.Archive;
import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.base.BackupChain;
import io.pgfleet.backup.base.Backups;
import io.pgfleet.backup.base.Manifest;
import io.pgfleet.backup.restore.RecoveryTarget;
import io.pgfleet.backup.restore.RestorePlan;
import io.pgfleet.backup.restore.Restoring;
import io.pgfleet.backup.wal.WalArchive;
import io.pgfleet.postgres.Server;
import io.pgfleet.postgres.host.ServerException;
import io.pgfleet.spec.BackupSpec;
import io.pgfleet.spec.FleetSpec;
import io.pgfleet.wire.Lsn;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes a standby's data from a repository, which spares the servers. */
public final class RepositoryOrigin implements StandbyOrigin {
  private static final Logger log = LoggerFactory.getLogger(RepositoryOrigin.class);
  private static final int THREADS = 2;
  private static final long MEGABYTE = 1_000_000;
  private static final Duration PATIENCE = Duration.ofHours(12);

  /** What is not archived after this is not going to be soon. */
  private static final Duration ARCHIVED = Duration.ofSeconds(30);

  private static final Duration LOOK = Duration.ofMillis(500);

  private final FleetSpec fleet;
  private final BackupSpec.Repository spec;

  private RepositoryOrigin(FleetSpec fleet, BackupSpec.Repository spec) {
    this.fleet = fleet;
    this.spec = spec;
  }

  /** That of a fleet; none if standbys are copied from servers. */
  public static Optional<StandbyOrigin> of(FleetSpec fleet) {
    return fleet
        .backup()
        .standbysFrom()
        .flatMap(name ->
            fleet.backup().repositories().stream()
                .filter(one -> one.name().equals(name))
                .findFirst())
        .map(one -> new RepositoryOrigin(fleet, one));
  }

  @Override
  public Optional<String> make(Server server, Line line, Lsn kept, Consumer<String> progress) {
    try (Repository repository = Repository.open(fleet, spec)) {
      return make(repository.archive(line.systemIdentifier()), server, line, kept, progress);
    } catch (BackupException e) {
      return Optional.of(e.getMessage());
    } catch (ServerException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.of("it was interrupted");
    }
  }

  private Optional<String> make(
      Archive archive, Server server, Line line, Lsn kept, Consumer<String> progress)
      throws InterruptedException {
    List<Manifest> backups = BackupChain.restorable(new Backups(archive).all());
    if (backups.isEmpty()) {
      return Optional.of("repository " + spec.name() + " has no backup yet");
    }
    WalArchive wal = new WalArchive(archive, backups.getLast().segment());
    long end = System.nanoTime() + ARCHIVED.toNanos();
    RestorePlan plan = plan(backups, wal);
    while (!suits(plan, line, kept)) {
      if (System.nanoTime() - end > 0) {
        return Optional.of(
            "repository %s leads to %s on timeline %d, and the primary keeps WAL from %s on"
                    .formatted(spec.name(), plan.end(), plan.timeline(), kept)
                + " timeline "
                + line.timeline());
      }
      Thread.sleep(LOOK);
      plan = plan(backups, wal);
    }
    Restoring restoring = new Restoring(archive, wal, THREADS, PATIENCE);
    restoring.unpack(
        server,
        plan,
        done ->
            progress.accept(
                "restoring from repository %s: %d of %d MB, %d MB/s"
                    .formatted(
                        spec.name(),
                        done.bytes() / MEGABYTE,
                        done.estimatedBytes() / MEGABYTE,
                        done.rate() / MEGABYTE)));
    progress.accept("replaying WAL of repository " + spec.name());
    restoring.standby(server, fleet.postgres().settings(), plan, kept);
    log.info(
        "data of {} was made of backup {} of repository {}, and WAL up to {}",
        server.data().path(),
        plan.backup().id(),
        spec.name(),
        kept);
    return Optional.empty();
  }

  private static RestorePlan plan(List<Manifest> backups, WalArchive wal) {
    return RestorePlan.of(backups, wal, new RecoveryTarget.Latest());
  }

  private static boolean suits(RestorePlan plan, Line line, Lsn kept) {
    return plan.timeline() == line.timeline() && plan.reaches(kept);
  }
}
