package io.pgfleet.agent.model;

import io.pgfleet.agent.NodeServer.Way;
import io.pgfleet.agent.server.Ancestry;
import io.pgfleet.wire.Lsn;

/**
 * A write-ahead log in one number: for each record, four bits with the timeline it was written in,
 * the first record lowest. As each timeline is written by one server only (which {@link Rules}
 * checks), a record's timeline and position say which record it is.
 */
final class Log {
  private static final int BITS = 4;

  private Log() {}

  /** A log of one record. */
  static int first() {
    return 1;
  }

  static int size(int log) {
    return (Integer.SIZE - Integer.numberOfLeadingZeros(log) + BITS - 1) / BITS;
  }

  /** The timeline of the record at a position, from 0. */
  static int timelineAt(int log, int position) {
    return (log >>> (position * BITS)) & 0xf;
  }

  /** The timeline of the last record. */
  static int timeline(int log) {
    return timelineAt(log, size(log) - 1);
  }

  static int append(int log, int timeline) {
    return log | (timeline << (size(log) * BITS));
  }

  /** The first records of a log. */
  static int beginning(int log, int size) {
    return size == 0 ? 0 : log & (-1 >>> (Integer.SIZE - size * BITS));
  }

  static boolean isBeginning(int log, int of) {
    return beginning(of, Math.min(size(log), size(of))) == log;
  }

  /** Whether a walsender would begin to stream to one that holds so much (walsender.c). */
  static boolean canStream(int log, int ofTimeline, int from) {
    if (ofTimeline == timeline(log)) {
      return from <= size(log);
    }
    for (int end = size(log); end > 0; end--) {
      if (timelineAt(log, end - 1) == ofTimeline) {
        return from <= end;
      }
    }
    return false;
  }

  /** How a server with the other log can follow the one with this, as the agent finds it. */
  static Way wayFor(int log, int other) {
    Ancestry ancestry = new Ancestry();
    for (int end = 1; end < size(log); end++) {
      if (timelineAt(log, end) != timelineAt(log, end - 1)) {
        ancestry.add(timelineAt(log, end - 1), end);
      }
    }
    return ancestry.wayFor(timeline(log), size(log), timeline(other), new Lsn(size(other)));
  }

  static String words(int log) {
    StringBuilder words = new StringBuilder();
    for (int i = 0; i < size(log); i++) {
      words.append(timelineAt(log, i));
    }
    return words.toString();
  }
}
