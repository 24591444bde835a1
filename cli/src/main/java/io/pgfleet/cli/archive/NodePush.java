package io.pgfleet.cli.archive;

import io.pgfleet.agent.server.NodePlace;
import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.push.PushDesk;
import io.pgfleet.backup.push.PushedWal;
import io.pgfleet.backup.push.WalFile;
import io.pgfleet.backup.push.WalFolder;
import io.pgfleet.backup.push.WalPush;
import io.pgfleet.backup.wal.SegmentName;
import io.pgfleet.backup.wal.WalArchive;
import io.pgfleet.postgres.backup.ArchiveCommand;
import io.pgfleet.spec.BackupSpec;
import io.pgfleet.spec.FleetSpec;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts what a node's server hands over into every repository, whatever the server's role: that of a
 * standby is there already, as a rule, and is compared.
 */
final class NodePush implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(NodePush.class);

  private final NodePlace place;
  private final Map<String, Shelf> shelves = new LinkedHashMap<>();
  private final PushDesk desk;

  /** That of a node; it begins at once. */
  NodePush(FleetSpec fleet, NodePlace place, ArchiveCommand command) {
    this.place = place;
    for (BackupSpec.Repository repository : fleet.backup().repositories()) {
      shelves.put(
          repository.name(),
          new Shelf(repository.name(), () -> Repository.open(fleet, repository)));
    }
    this.desk = new PushDesk(command, place.server().user(), this::push);
  }

  /** The server's {@code pg_wal}. */
  WalFolder folder() {
    Path data = place.server().data().path();
    return new WalFolder(
        data.resolve("pg_wal"), place.server().data().control().systemIdentifier());
  }

  /** A repository that fails keeps the file from none of the others. */
  private void push(String name) {
    WalFolder folder = folder();
    WalFile file = folder.read(name);
    BackupException failure = null;
    for (Shelf shelf : shelves.values()) {
      try {
        shelf.push(folder.system(), file);
      } catch (BackupException e) {
        failure = e;
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  /** Puts a file into one repository. */
  void push(String repository, String name) {
    WalFolder folder = folder();
    shelf(repository).push(folder.system(), folder.read(name));
  }

  /** Why what was handed over last is not in a repository. */
  Optional<String> trouble(String repository) {
    return shelf(repository).trouble;
  }

  /** Has somebody told what comes into a repository; nobody if null. */
  void tell(String repository, @Nullable PushedWal listener) {
    shelf(repository).listener = listener;
  }

  private Shelf shelf(String repository) {
    Shelf shelf = shelves.get(repository);
    if (shelf == null) {
      throw new IllegalArgumentException("no repository " + repository);
    }
    return shelf;
  }

  @Override
  public void close() {
    desk.close();
    shelves.values().forEach(Shelf::close);
  }

  /** A repository, which is opened when it is needed, and anew after it has failed. */
  private static final class Shelf {
    private final String name;
    private final Supplier<Repository> opener;
    private volatile Optional<String> trouble = Optional.empty();
    private volatile @Nullable PushedWal listener;
    private @Nullable Repository open;
    private @Nullable WalArchive wal;

    Shelf(String name, Supplier<Repository> opener) {
      this.name = name;
      this.opener = opener;
    }

    private WalArchive archive(long system, int size) {
      WalArchive known = wal;
      if (known == null || known.segmentSize() != size) {
        Repository repository = opener.get();
        open = repository;
        known = new WalArchive(repository.archive(system), size);
        wal = known;
      }
      return known;
    }

    synchronized void push(long system, WalFile file) {
      int size =
          switch (file) {
            case WalFile.Whole(SegmentName segment, _) -> segment.size();
            case WalFile.Beginning(_, SegmentName segment, _) -> segment.size();
            case WalFile.History _, WalFile.Unneeded _ ->
                wal == null ? SegmentName.USUAL_SIZE : wal.segmentSize();
          };
      try {
        WalPush.Outcome outcome = WalPush.push(archive(system, size), file);
        log.debug("{} for repository {}: {}", file.name(), name, outcome);
        trouble = Optional.empty();
      } catch (BackupException e) {
        String why = file.name() + " is not archived: " + e.getMessage();
        if (!trouble.equals(Optional.of(why))) {
          log.warn("repository {}: {} {}", name, why, e.hint());
        }
        trouble = Optional.of(why);
        close();
        throw e;
      }
      PushedWal told = listener;
      if (told != null && file instanceof WalFile.Whole(SegmentName segment, _)) {
        told.arrived(segment);
      }
    }

    synchronized void close() {
      if (open != null) {
        open.close();
      }
      open = null;
      wal = null;
    }
  }
}
