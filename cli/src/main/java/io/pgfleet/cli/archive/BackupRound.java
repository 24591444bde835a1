package io.pgfleet.cli.archive;

import io.pgfleet.agent.server.Accounts;
import io.pgfleet.agent.server.NodePlace;
import io.pgfleet.backup.Archive;
import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.BackupException.Kind;
import io.pgfleet.backup.base.IncrementalRefusedException;
import io.pgfleet.backup.base.Manifest;
import io.pgfleet.backup.base.Taking;
import io.pgfleet.backup.keep.Expiry;
import io.pgfleet.backup.keep.Prior;
import io.pgfleet.backup.keep.Retention;
import io.pgfleet.backup.wal.WalArchive;
import io.pgfleet.cli.control.StatusReport;
import io.pgfleet.spec.BackupSpec;
import io.pgfleet.wire.client.ConnectSettings;
import java.time.Duration;
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
 * @param spec when a backup is full, and whether rows are counted
 * @param status what the fleet is doing, to choose the server to read from
 */
record BackupRound(NodePlace place, BackupSpec spec, Supplier<StatusReport> status) {
  private static final Logger log = LoggerFactory.getLogger(BackupRound.class);
  private static final int THREADS = 2;

  /** A kind of backup, taken of a server. */
  private interface Take {
    Manifest of(BackupSource source) throws IncrementalRefusedException;
  }

  /**
   * Takes one, from the best server that lets itself be read: an incremental one of any that can,
   * unless a full one is due, and else a full one.
   *
   * @param urgent whether it shall not wait for a checkpoint to be spread
   * @throws BackupException if none can be taken
   */
  void run(Repository repository, Archive archive, boolean urgent) {
    List<BackupSource> sources = BackupSource.of(status.get());
    Duration fullAge = new Timetable(spec.fullEvery(), spec.at()).age();
    Prior prior = Prior.of(archive, Optional.of(fullAge), Instant.now());
    Optional<Manifest> taken = Optional.empty();
    if (prior.backup().isPresent()) {
      Manifest before = prior.backup().get();
      try {
        taken = first(sources, source -> incremental(archive, source, before, urgent));
      } catch (BackupException e) {
        if (e.kind() != Kind.SERVER) {
          throw e;
        }
        // Of the same servers a full one may still be taken.
      }
    } else {
      log.info("repository {} gets a full base backup: {}", repository.name(), prior.reason());
    }
    if (taken.isEmpty()) {
      taken = first(sources, source -> full(archive, source, urgent));
    }
    Manifest manifest =
        taken.orElseThrow(() ->
            new BackupException(
                Kind.SERVER,
                "No server of the fleet can be backed up now.",
                "'pgfleet status' tells what they do."));
    log.info(
        "base backup {} of {} is in repository {}: {} bytes, {} stored",
        manifest.id(),
        manifest.source(),
        repository.name(),
        manifest.bytes(),
        manifest.stored());
    countRows(archive, manifest, sources);
    expire(repository, archive, manifest.segment());
  }

  private void countRows(Archive archive, Manifest backup, List<BackupSource> sources) {
    if (!spec.drill().countRows()) {
      return;
    }
    String password = place.wanted().accounts().superuserPassword();
    Optional<String> why =
        RowSnapshot.take(
            archive,
            backup.id(),
            sources,
            source -> source.settings(Accounts.SUPERUSER, password, place.tls()));
    why.ifPresent(words -> log.warn("no rows were counted with {}: {}", backup.id(), words));
  }

  /**
   * Takes it of the first server that lets it be taken.
   *
   * @return nothing if none takes one of this kind, or there is none
   * @throws BackupException if of none it can be taken
   */
  private static Optional<Manifest> first(List<BackupSource> sources, Take take) {
    Optional<BackupException> last = Optional.empty();
    for (BackupSource source : sources) {
      try {
        return Optional.of(take.of(source));
      } catch (IncrementalRefusedException e) {
        log.info("no incremental base backup of {}: {}", source.node(), e.getMessage());
      } catch (BackupException e) {
        if (e.kind() != Kind.SERVER) {
          throw e;
        }
        log.warn("no base backup of {}: {}", source.node(), e.getMessage());
        last = Optional.of(e);
      }
    }
    if (last.isPresent()) {
      throw last.get();
    }
    return Optional.empty();
  }

  private static void expire(Repository repository, Archive archive, int segment) {
    Expiry expiry = new Expiry(archive, new WalArchive(archive, segment));
    Expiry.Plan whole = expiry.plan(repository.retention(), Instant.now());
    boolean all = repository.retention().equals(Retention.ALL);
    Expiry.Plan plan = all ? whole.ofLeftovers() : whole;
    expiry.run(plan, _ -> {});
    if (!plan.isEmpty()) {
      log.info(
          "repository {} no longer keeps {} base backups, {} that broke off and {} objects of WAL, {}"
              + " bytes in all",
          repository.name(),
          plan.backups().size(),
          plan.leftovers().size(),
          plan.wal().size(),
          plan.bytes());
    }
  }

  /** Whether every node is there: while standbys are made the primary has enough to read. */
  boolean isFleetWhole() {
    return status.get().ready();
  }

  private Taking taking(Archive archive, BackupSource source, boolean urgent) {
    return new Taking(archive, InstantSource.system(), THREADS, urgent || source.standby());
  }

  private ConnectSettings settings(BackupSource source) {
    String password = place.wanted().accounts().replicationPassword();
    return source.settings(Accounts.REPLICATION, password, place.tls());
  }

  private long system() {
    return place.server().data().control().systemIdentifier();
  }

  private Manifest full(Archive archive, BackupSource source, boolean urgent) {
    return taking(archive, source, urgent).take(settings(source), source.node(), system(), _ -> {});
  }

  private Manifest incremental(Archive archive, BackupSource source, Manifest prior, boolean urgent)
      throws IncrementalRefusedException {
    return taking(archive, source, urgent)
        .incremental(settings(source), source.node(), system(), prior, _ -> {});
  }
}
