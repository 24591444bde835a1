package io.pgfleet.agent.sim;

import io.pgfleet.agent.server.Ancestry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * A server's write-ahead log on disk. A position is a count of records. Each record has a number of
 * its own, unique in the simulation, by which tests tell what PostgreSQL itself can't: whether two
 * logs really agree.
 */
final class Wal {
  private record Branch(int timeline, int end) {}

  private int[] records = new int[256];
  private int size;
  private int timeline = 1;
  private final List<Branch> branches = new ArrayList<>();
  private final BitSet held = new BitSet();

  int size() {
    return size;
  }

  int timeline() {
    return timeline;
  }

  /** The numbers of all records. */
  BitSet held() {
    return held;
  }

  int record(int position) {
    return records[position];
  }

  void append(int ofTimeline, int record) {
    if (ofTimeline != timeline) {
      branches.add(new Branch(timeline, size));
      timeline = ofTimeline;
    }
    if (size == records.length) {
      records = Arrays.copyOf(records, 2 * size);
    }
    records[size++] = record;
    held.set(record);
  }

  /** The timeline of the record at a position. */
  int timelineAt(int position) {
    for (Branch branch : branches) {
      if (position < branch.end()) {
        return branch.timeline();
      }
    }
    return timeline;
  }

  void become(Wal other) {
    records = other.records.clone();
    size = other.size;
    timeline = other.timeline;
    branches.clear();
    branches.addAll(other.branches);
    held.clear();
    held.or(other.held);
  }

  Ancestry ancestry() {
    Ancestry ancestry = new Ancestry();
    branches.forEach(branch -> ancestry.add(branch.timeline(), branch.end()));
    return ancestry;
  }

  /** Whether a walsender here would begin to stream to one that holds so much (walsender.c). */
  boolean canStream(int ofTimeline, int from) {
    if (ofTimeline == timeline) {
      return from <= size;
    }
    for (Branch branch : branches) {
      if (branch.timeline() == ofTimeline) {
        return from <= branch.end();
      }
    }
    return false;
  }

  /** Whether this log is truly a beginning of the other. */
  boolean isBeginningOf(Wal other) {
    return size <= other.size && Arrays.equals(records, 0, size, other.records, 0, size);
  }
}
