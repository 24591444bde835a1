package io.pgfleet.agent;

import io.pgfleet.agent.decide.LocalServer;
import io.pgfleet.consensus.Ticker;
import io.pgfleet.consensus.group.GroupStore;
import io.pgfleet.consensus.group.GroupView;
import io.pgfleet.consensus.group.Term;
import io.pgfleet.consensus.group.WrittenWal;
import java.time.Duration;
import java.util.Optional;

/**
 * Says in the agreed state how far the primary's WAL goes, at once in a new reign and then once a
 * second while it grows. Only where commits wait for nobody: elsewhere the votes tell enough.
 */
final class PositionRecord {
  private static final long REFRESH_NANOS = Duration.ofSeconds(1).toNanos();

  private final GroupStore store;
  private final Ticker ticker;
  private Optional<WrittenWal> said = Optional.empty();
  private long saidAt;

  PositionRecord(GroupStore store, Ticker ticker) {
    this.store = store;
    this.ticker = ticker;
  }

  /** A round of a primary that holds the lease. */
  void round(GroupView view, Term term, LocalServer.Primary here) {
    WrittenWal now = new WrittenWal(term, here.timeline(), here.written());
    long nanos = ticker.nanos();
    boolean sameReign =
        said.filter(last -> last.term().equals(term) && last.timeline() == here.timeline())
            .isPresent();
    if (sameReign && (said.get().equals(now) || nanos - saidAt < REFRESH_NANOS)) {
      return;
    }
    store.recordWritten(view.lease().orElseThrow(), view.written(), now);
    said = Optional.of(now);
    saidAt = nanos;
  }
}
