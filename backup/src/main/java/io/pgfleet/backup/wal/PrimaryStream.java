package io.pgfleet.backup.wal;

import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.BackupException.Kind;
import io.pgfleet.backup.SourceServer;
import io.pgfleet.backup.wal.WalArchive.Held;
import io.pgfleet.backup.wal.WalInventory.Gap;
import io.pgfleet.backup.wal.WalReceiving.Next;
import io.pgfleet.postgres.backup.ReplicationSlots;
import io.pgfleet.wire.Lsn;
import io.pgfleet.wire.client.Connection;
import io.pgfleet.wire.client.PostgresException;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one connection to a primary gives to the archive: the WAL from where the archive ends, one
 * timeline after the other. Where the server no longer has what is due, it goes on with what the
 * slot keeps, and says what is lost.
 */
final class PrimaryStream {
  private static final Logger log = LoggerFactory.getLogger(PrimaryStream.class);
  private static final String UNDEFINED_FILE = "58P01";
  private static final String NOT_IN_PREREQUISITE_STATE = "55000";
  private static final int MEGA = 1024 * 1024;

  private final WalArchive archive;
  private final Connection connection;
  private final String slot;
  private final Told told;
  private TimelineHistory line = TimelineHistory.first(1);

  /** Told how it goes. */
  interface Told extends WalReceiving.Confirmed {
    /** The history of the server's timeline, and what the archive had at the beginning. */
    void follows(TimelineHistory line, WalInventory held);

    /** The server no longer had this. */
    void lost(Gap gap, String why);

    /** Whether it shall end. */
    boolean ended();
  }

  PrimaryStream(WalArchive archive, Connection connection, String slot, Told told) {
    this.archive = archive;
    this.connection = connection;
    this.slot = slot;
    this.told = told;
  }

  /**
   * Goes on until the server ends it or the connection breaks.
   *
   * @param system the identifier that the server must have
   * @param interval how long WAL may wait before it is put
   */
  void run(long system, Duration interval) throws IOException, PostgresException {
    String place = connection.settings().host() + ":" + connection.settings().port();
    SourceServer server = SourceServer.of(connection);
    server.requireSystem(system, place);
    requireSegmentSize(server, place);
    ReplicationSlots.ensurePhysical(connection, slot);
    line = history(server.timeline());
    WalInventory held = archive.inventory();
    told.follows(line, held);
    SegmentName first = WalStart.of(line, due(held), restart(), archive.segmentSize());
    boolean remade = false;
    while (!told.ended()) {
      log.info("archiving WAL from {} on timeline {}", first.start(), first.timeline());
      WalReceiving receiving = new WalReceiving(archive, first, interval, told);
      Optional<Next> next;
      try {
        next = receiving.run(connection, slot, first);
      } catch (PostgresException e) {
        if (e.sqlState().equals(UNDEFINED_FILE)) {
          first = behindLoss(first.timeline(), receiving.kept(), e);
        } else if (e.sqlState().equals(NOT_IN_PREREQUISITE_STATE) && !remade) {
          // The server has given the slot up, which it says only to who would use it.
          remade = true;
          remakeSlot();
        } else {
          throw e;
        }
        continue;
      }
      if (next.isEmpty()) {
        return;
      }
      line = history(next.get().timeline());
      first = SegmentName.of(next.get().timeline(), next.get().start(), archive.segmentSize());
    }
  }

  private void requireSegmentSize(SourceServer server, String place) {
    if (server.segment() != archive.segmentSize()) {
      throw new BackupException(
          Kind.SERVER,
          "The server at "
              + place
              + " has WAL segments of "
              + server.segment() / MEGA
              + " MB, the archive of "
              + archive.segmentSize() / MEGA
              + " MB.",
          "See that the address is that of this fleet's primary.");
    }
  }

  /** Where to go on when WAL from a position on is gone from the server. */
  private SegmentName behindLoss(int timeline, Lsn from, PostgresException why)
      throws IOException, PostgresException {
    SegmentName kept = keptBySlot();
    if (from.reaches(kept.start())) {
      // It claims to keep what is gone; a new one keeps what there is.
      remakeSlot();
      kept = keptBySlot();
    }
    if (from.reaches(kept.start())) {
      throw why;
    }
    told.lost(new Gap(timeline, from, kept.start()), why.report().message());
    return kept;
  }

  private SegmentName keptBySlot() throws IOException, PostgresException {
    Lsn restart = restart();
    return SegmentName.of(line.at(restart), restart, archive.segmentSize());
  }

  private void remakeSlot() throws IOException, PostgresException {
    log.warn("slot {} no longer keeps what the archive lacks; it is made anew", slot);
    ReplicationSlots.drop(connection, slot);
    ReplicationSlots.ensurePhysical(connection, slot);
  }

  /** A timeline's history, which is put into the archive if it is not there. */
  private TimelineHistory history(int timeline) throws IOException, PostgresException {
    if (timeline == 1) {
      return TimelineHistory.first(timeline);
    }
    String content =
        connection.query("TIMELINE_HISTORY " + timeline).getFirst().onlyRow().required("content");
    TimelineHistory history = TimelineHistory.parse(timeline, content);
    Optional<TimelineHistory> known = archive.history(timeline, false);
    if (known.isEmpty()) {
      archive.putHistory(timeline, content);
    } else if (!known.get().equals(history)) {
      throw new BackupException(
          Kind.SERVER,
          "The primary's timeline "
              + timeline
              + " comes from "
              + history.forks()
              + ", the archive's from "
              + known.get().forks()
              + ".",
          "Another server of the same origin has taken that number; give one of them another"
              + " repository.");
    }
    return history;
  }

  private Map<Integer, OptionalLong> due(WalInventory held) {
    Map<Integer, OptionalLong> due = new HashMap<>();
    for (int timeline : held.timelines()) {
      if (line.holds(timeline, Lsn.ZERO)) {
        due.put(timeline, firstNotWhole(held.on(timeline)));
      }
    }
    return due;
  }

  private static OptionalLong firstNotWhole(SortedMap<Long, Held> segments) {
    if (segments.isEmpty()) {
      return OptionalLong.empty();
    }
    Held last = segments.lastEntry().getValue();
    long number = last.segment().number();
    return OptionalLong.of(last.whole() ? number + 1 : number);
  }

  private Lsn restart() throws IOException, PostgresException {
    return Lsn.parse(
        connection
            .query("READ_REPLICATION_SLOT " + slot)
            .getFirst()
            .onlyRow()
            .required("restart_lsn"));
  }
}
