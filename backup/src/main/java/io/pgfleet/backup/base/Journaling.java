package io.pgfleet.backup.base;

import io.pgfleet.backup.Archive;
import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.base.Journal.Entry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the journal of an attempt from time to time, and decides with it what becomes of an
 * attempt that breaks off.
 *
 * <p>What is in a journal another attempt may rely on from then on. It puts a journal of its own
 * before it reads that of another. So who deletes first deletes his journal, then looks for those
 * of others: either he sees the other's, and deletes nothing, or the other finds none.
 */
final class Journaling implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Journaling.class);

  private final Archive archive;
  private final InstantSource clock;
  private final Resumption begin;
  private final Optional<String> prior;
  private final Queue<Entry> packs = new ConcurrentLinkedQueue<>();
  private volatile boolean tried;
  private volatile boolean written;
  private @Nullable Thread thread;

  /**
   * A journal.
   *
   * @param begin what the attempt begins with
   * @param prior the name of the backup that it is based on
   */
  Journaling(Archive archive, InstantSource clock, Resumption begin, Optional<String> prior) {
    this.archive = archive;
    this.clock = clock;
    this.begin = begin;
    this.prior = prior;
    this.tried = !begin.attempt().isFirst();
  }

  /** Begins to write it. */
  void start(Duration every) {
    thread = Thread.ofVirtual().name("journal").start(() -> run(every));
  }

  private void run(Duration every) {
    try {
      while (true) {
        Thread.sleep(every);
        try {
          write(false);
        } catch (RuntimeException e) {
          // What it means for the backup is told by those who put packs.
          log.debug("the journal of backup {} was not written", begin.attempt().id(), e);
        }
      }
    } catch (InterruptedException e) {
      // it is over
    }
  }

  /** A pack is in the repository. */
  void add(Entry pack) {
    packs.add(pack);
  }

  /** Whether another attempt may know of this one. */
  boolean isKnown() {
    return tried;
  }

  private void write(boolean ended) {
    tried = true;
    new Journal(
            Journal.FORMAT,
            begin.attempt().id(),
            prior,
            clock.instant(),
            begin.hash().seed(),
            ended,
            List.copyOf(packs))
        .put(archive, begin.attempt());
    written = true;
  }

  /** Returns when it is not being written any more. */
  @Override
  public void close() {
    Thread running = thread;
    if (running == null) {
      return;
    }
    thread = null;
    running.interrupt();
    boolean interrupted = false;
    while (running.isAlive()) {
      try {
        running.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Leaves what was put to the next attempt, if it can be told what it is; else deletes it.
   *
   * @param why the attempt broke off, which is told what else fails
   * @return whether there is something to go on with
   */
  boolean keep(Throwable why) {
    boolean interrupted = Thread.interrupted(); // else nothing could be written
    try {
      if (packs.isEmpty()) {
        withdraw(why);
        return !begin.packs().isEmpty();
      }
      write(true);
      return true;
    } catch (BackupException e) {
      why.addSuppressed(e);
      if (!written) {
        withdraw(why);
      }
      return written || !begin.packs().isEmpty();
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Deletes what was put, but for what another attempt may need. */
  void withdraw(Throwable why) {
    boolean interrupted = Thread.interrupted(); // else no file could be deleted
    try {
      if (tried) {
        archive.delete(begin.attempt().journal());
      }
      delete();
    } catch (RuntimeException e) {
      why.addSuppressed(e);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void delete() {
    Attempt attempt = begin.attempt();
    Backups backups = new Backups(archive);
    Set<String> there = backups.objects(attempt.id());
    boolean others =
        there.stream()
            .filter(object -> Attempt.isJournal(attempt.id(), object))
            .anyMatch(object -> !begin.journals().contains(object));
    if (others) {
      return;
    }
    // Who has made it whole has deleted all journals, and needs what his manifest names.
    Set<String> needed =
        backups.find(attempt.id()).map(Manifest::packObjects).map(Set::copyOf).orElse(Set.of());
    there.stream()
        .filter(attempt::owns)
        .filter(object -> !needed.contains(object))
        .forEach(archive::delete);
  }
}
