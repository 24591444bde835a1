package io.pgfleet.agent.server;

import io.pgfleet.agent.NodeServer.Way;
import io.pgfleet.wire.Lsn;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where the timelines that lead to a primary's own branched off (PostgreSQL manual, 'Timelines',
 * and the replication command TIMELINE_HISTORY).
 *
 * @param timeline the primary's own
 * @param branches its ancestors, the oldest first
 */
record TimelineHistory(int timeline, List<Branch> branches) {
  private static final Pattern LINE =
      Pattern.compile("\\s*(\\d+)\\s+([0-9A-Fa-f]+/[0-9A-Fa-f]+).*");

  /**
   * An ancestor.
   *
   * @param end where the next timeline began
   */
  record Branch(int timeline, Lsn end) {}

  TimelineHistory {
    branches = List.copyOf(branches);
  }

  /** A history without ancestors. */
  static TimelineHistory first() {
    return new TimelineHistory(1, List.of());
  }

  /** Reads the text of a history file; comments and blank lines are passed over. */
  static TimelineHistory parse(int timeline, String text) {
    List<Branch> branches = new ArrayList<>();
    for (String line : text.lines().toList()) {
      Matcher matcher = LINE.matcher(line);
      if (matcher.matches()) {
        branches.add(new Branch(Integer.parseInt(matcher.group(1)), Lsn.parse(matcher.group(2))));
      }
    }
    return new TimelineHistory(timeline, branches);
  }

  /**
   * How a server that holds WAL up to {@code flushed} of {@code ofTimeline} can follow.
   *
   * @param end the end of the primary's own WAL
   */
  Way wayFor(int ofTimeline, Lsn flushed, Lsn end) {
    if (ofTimeline == timeline) {
      return end.reaches(flushed)
          ? new Way.GoOn()
          : new Way.MakeAnew("it has WAL up to " + flushed + " and the primary only up to " + end);
    }
    for (Branch branch : branches) {
      if (branch.timeline() == ofTimeline) {
        return branch.end().reaches(flushed)
            ? new Way.GoOn()
            : new Way.Rewind(
                "it has WAL of timeline "
                    + ofTimeline
                    + " up to "
                    + flushed
                    + ", but the primary left that timeline at "
                    + branch.end());
      }
    }
    return new Way.MakeAnew(
        "its timeline " + ofTimeline + " is no ancestor of the primary's timeline " + timeline);
  }
}
