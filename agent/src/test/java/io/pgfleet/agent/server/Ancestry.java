package io.pgfleet.agent.server;

import io.pgfleet.agent.NodeServer.Way;
import io.pgfleet.wire.Lsn;
import java.util.ArrayList;
import java.util.List;

/** Lets simulated servers ask the real {@link TimelineHistory} how one can follow another. */
public final class Ancestry {
  private final List<TimelineHistory.Branch> branches = new ArrayList<>();

  /** Adds an ancestor, the oldest first. */
  public void add(int timeline, long end) {
    branches.add(new TimelineHistory.Branch(timeline, new Lsn(end)));
  }

  /** How a server that holds {@code flushed} of {@code ofTimeline} can follow this one. */
  public Way wayFor(int own, long end, int ofTimeline, Lsn flushed) {
    return new TimelineHistory(own, branches).wayFor(ofTimeline, flushed, new Lsn(end));
  }
}
