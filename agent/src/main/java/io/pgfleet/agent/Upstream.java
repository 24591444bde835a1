package io.pgfleet.agent;

import io.pgfleet.agent.NodeServer.Way;
import io.pgfleet.agent.decide.Action;
import io.pgfleet.agent.decide.LocalServer;
import io.pgfleet.consensus.Ticker;
import io.pgfleet.consensus.group.GroupView;
import io.pgfleet.consensus.group.Member;
import io.pgfleet.consensus.group.Member.Role;
import io.pgfleet.consensus.group.SyncSet;
import io.pgfleet.consensus.group.Term;
import io.pgfleet.spec.NodeName;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whom a node's server receives WAL from: how it is cut off from one primary and joins the next.
 */
final class Upstream {
  private static final Logger log = LoggerFactory.getLogger(Upstream.class);

  /** From the end of a receiver to the end of its primary and of the lease. */
  private static final long EXPECTED_NANOS = Duration.ofSeconds(1).toNanos();

  private final NodeName me;
  private final boolean delayed;
  private final NodeServer server;
  private final Announcer announcer;
  private final Runnable progressing;
  private final Function<GroupView, SyncSet> namesIfPromoted;
  private boolean sealed;
  private Optional<Term> ending = Optional.empty();
  private long endedAt;

  /** The reign whose primary it joined without asking; once is enough to see if that works. */
  private Term trusted = Term.NONE;

  /**
   * Nothing was changed yet.
   *
   * @param delayed whether the node applies changes only some time after the primary: then it is
   *     not waited for until it has applied all that it has, which may take as long
   * @param progressing is run now and then during long work
   * @param namesIfPromoted what the server would wait for at first, were it promoted now
   */
  Upstream(
      NodeName me,
      boolean delayed,
      NodeServer server,
      Announcer announcer,
      Runnable progressing,
      Function<GroupView, SyncSet> namesIfPromoted) {
    this.me = me;
    this.delayed = delayed;
    this.server = server;
    this.announcer = announcer;
    this.progressing = progressing;
    this.namesIfPromoted = namesIfPromoted;
  }

  /** Whether the last change to what the server receives from was that this agent sealed it. */
  boolean sealed() {
    return sealed;
  }

  /** Cuts the server off. */
  void seal(GroupView view) throws NodeServerException {
    server.seal(namesIfPromoted.apply(view));
    sealed = true;
  }

  /**
   * While a planned move is wished for, watches for the end of the primary that is followed, and
   * seals the server at once: when the lease is given back, it only has to vote. Until then the
   * primary could turn back, so the vote is not cast here.
   *
   * @return whether that has happened
   */
  boolean sealAtItsEnd(GroupView view, Ticker ticker) throws NodeServerException {
    Optional<Term> reign = view.lease().map(held -> held.lease().term());
    boolean moves = reign.isPresent() && view.move().map(move -> move.value().term()).equals(reign);
    if (!moves || !server.upstreamEnds()) {
      return false;
    }
    seal(view);
    ending = reign;
    endedAt = ticker.nanos();
    return true;
  }

  /** The reign whose primary was seen to end a moment ago. */
  Optional<Term> ending(Ticker ticker) {
    return ticker.nanos() - endedAt < EXPECTED_NANOS ? ending : Optional.empty();
  }

  /** Makes the node's data from that of a server. */
  void copyFrom(GroupView view, Member source, LocalServer here) throws NodeServerException {
    sealed = false;
    announcer.announce(Role.CLONING, source.term(), here, "copying " + source.node());
    server.copyFrom(source, systemIdentifier(view), words -> progress(source, here, words));
  }

  private void progress(Member source, LocalServer here, String words) {
    progressing.run();
    announcer.announce(Role.CLONING, source.term(), here, words);
  }

  private static long systemIdentifier(GroupView view) {
    return view.state().orElseThrow().value().systemIdentifier();
  }

  /** Has a standby receive WAL of the primary, in the way that what it has allows. */
  void join(GroupView view, Action.Join join) throws NodeServerException {
    Member primary = join.primary();
    Member source = join.source();
    LocalServer.Standby standby = join.here();
    Term reign = view.lease().orElseThrow().lease().term();
    if (!(delayed ? standby.cutOff() : standby.sealed())) {
      if (delayed || standby.upstream().isPresent()) {
        seal(view);
      }
      announcer.announce(Role.STANDBY, reign, standby, "replaying the WAL it has");
      return;
    }
    Way way =
        join.agrees() && !trusted.equals(reign)
            ? new Way.GoOn()
            : server.compare(standby, primary, source);
    trusted = reign;
    sealed = false;
    switch (way) {
      case Way.GoOn() -> {
        server.follow(source);
        announcer.announce(Role.STANDBY, reign, standby, "");
      }
      case Way.Rewind(String why) when delayed && !standby.exhausted() -> {
        // pg_rewind looks at what was applied; what is too much would still be applied later.
        log.info("{} is made anew from {}: {}", me, primary.node(), why);
        copyFrom(view, primary, standby);
      }
      case Way.Rewind(String why) -> {
        log.info("{} rewinds to {}: {}", me, primary.node(), why);
        server.rewind(primary, systemIdentifier(view), words -> progress(primary, standby, words));
      }
      case Way.MakeAnew(String why) -> {
        log.info("{} is made anew from {}: {}", me, source.node(), why);
        copyFrom(view, source, standby);
      }
    }
  }
}
