package io.pgfleet.cli.archive;

import io.pgfleet.agent.server.NodePlace;
import io.pgfleet.backup.Archive;
import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.BackupException.Kind;
import io.pgfleet.backup.base.Manifest;
import io.pgfleet.backup.base.Taking;
import io.pgfleet.backup.keep.Expiry;
import io.pgfleet.backup.keep.Retention;
import io.pgfleet.backup.wal.WalArchive;
import io.pgfleet.cli.control.StatusReport;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A base backup that is due, and the deletion of what is no longer kept.
 *
 * @param place the node whose program does it
 * @param status what the fleet is doing, to choose the server to read from
 */
record BackupRound(NodePlace place, Supplier<StatusReport> status) {
  private static final Logger log = LoggerFactory.getLogger(BackupRound.class);
  private static final int THREADS = 2;

  /**
   * Takes one, from the best server that lets itself be read.
   *
   * @param urgent whether it shall not wait for a checkpoint to be spread
   * @throws BackupException if none can be taken
   */
  void run(Repository repository, Archive archive, boolean urgent) {
    List<BackupSource> sources = BackupSource.of(status.get());
    Optional<BackupException> last = Optional.empty();
    for (BackupSource source : sources) {
      try {
        Manifest taken = take(archive, source, urgent || source.standby());
        log.info(
            "base backup {} of {} is in repository {}: {} bytes, {} stored",
            taken.id(),
            source.node(),
            repository.name(),
            taken.bytes(),
            taken.stored());
        expire(repository, archive, taken.segment());
        return;
      } catch (BackupException e) {
        if (e.kind() != Kind.SERVER) {
          throw e;
        }
        log.warn("no base backup of {}: {}", source.node(), e.getMessage());
        last = Optional.of(e);
      }
    }
    throw last.orElseGet(() ->
        new BackupException(
            Kind.SERVER,
            "No server of the fleet can be backed up now.",
            "'pgfleet status' tells what they do."));
  }

  private static void expire(Repository repository, Archive archive, int segment) {
    if (repository.retention().equals(Retention.ALL)) {
      return;
    }
    Expiry expiry = new Expiry(archive, new WalArchive(archive, segment));
    Expiry.Plan plan = expiry.plan(repository.retention(), Instant.now());
    expiry.run(plan, _ -> {});
    if (!plan.isEmpty()) {
      log.info(
          "repository {} no longer keeps {} base backups and {} objects of WAL, {} bytes in all",
          repository.name(),
          plan.backups().size(),
          plan.wal().size(),
          plan.bytes());
    }
  }

  /** Whether every node is there: while standbys are made the primary has enough to read. */
  boolean isFleetWhole() {
    return status.get().ready();
  }

  private Manifest take(Archive archive, BackupSource source, boolean fast) {
    long system = place.server().data().control().systemIdentifier();
    return new Taking(archive, InstantSource.system(), THREADS, fast)
        .take(
            source.settings(place.wanted().accounts().replicationPassword(), place.tls()),
            source.node(),
            system,
            _ -> {});
  }
}
