package io.pgfleet.agent;

import io.pgfleet.agent.NodeServer.Replica;
import io.pgfleet.agent.NodeServer.Way;
import io.pgfleet.agent.decide.Action;
import io.pgfleet.agent.decide.LocalServer;
import io.pgfleet.consensus.Ticker;
import io.pgfleet.consensus.group.GroupView;
import io.pgfleet.consensus.group.Member;
import io.pgfleet.consensus.group.Term;
import io.pgfleet.spec.NodeSpec;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What an agent does round after round while its server is a standby that follows. */
final class Following {
  private static final Logger log = LoggerFactory.getLogger(Following.class);
  private static final long COMPARE_AGAIN_NANOS = Duration.ofSeconds(15).toNanos();

  private final NodeServer server;
  private final Announcer announcer;
  private final Upstream upstream;
  private final Ticker ticker;
  private final SlotRounds slots;
  private final Reception reception;
  private final Relay relay = new Relay();
  private Term compared = Term.NONE;
  private long compareAgainAt;

  Following(
      NodeServer server,
      Announcer announcer,
      Upstream upstream,
      Reception reception,
      Ticker ticker) {
    this.server = server;
    this.announcer = announcer;
    this.upstream = upstream;
    this.reception = reception;
    this.ticker = ticker;
    this.slots = SlotRounds.ofStandby(server, ticker);
    this.compareAgainAt = ticker.nanos();
  }

  /** The standby that it is to receive from in place of the primary, if there is one. */
  Optional<Member> relay(AgentSettings settings, GroupView view) {
    return relay.of(settings, view, ticker.nanos());
  }

  /** Has the server receive WAL of the primary. */
  void join(GroupView view, Action.Join join) throws NodeServerException {
    try {
      upstream.join(view, join);
    } catch (NodeServerException e) {
      if (!join.source().node().equals(join.primary().node())) {
        failed(join.source(), e);
      }
      throw e;
    }
  }

  /** Makes the node's data from a server's. */
  void copyFrom(GroupView view, Member source, LocalServer here) throws NodeServerException {
    try {
      upstream.copyFrom(view, source, here);
    } catch (NodeServerException e) {
      if (source.role() == Member.Role.STANDBY) {
        failed(source, e);
      }
      throw e;
    }
  }

  private void failed(Member source, Exception why) {
    log.warn(
        "nothing can be received from {}, so it is left for a while: {}",
        source.node(),
        why.getMessage());
    relay.failed(ticker.nanos());
  }

  /**
   * One round.
   *
   * @return whether there is more to do at once
   */
  boolean round(
      AgentSettings settings, GroupView view, Action.Follow action, LocalServer.Standby here)
      throws NodeServerException {
    Member source = action.source();
    NodeSpec node = settings.node();
    server.keepFollowing(source);
    String note = here.receiving() ? "" : "connecting to " + source.node();
    announcer.announceStandby(
        action.primary().term(),
        here,
        node.delayed() ? Delay.note(node, here, note) : note,
        receivers(settings));
    if (here.receiving()) {
      slots.keep(settings, view);
    }
    boolean paused = view.operations().pause().isPresent();
    boolean relayed = !source.node().equals(action.primary().node());
    if (relayed && !paused && here.receiving() && hasOther(action, here)) {
      log.info("{} has other WAL than {}", settings.name(), action.primary().node());
      upstream.seal(view);
      return true;
    }
    boolean stuck = reception.stuck(here, node.delayed(), paused, ticker.nanos());
    if (stuck) {
      // Once sealed it compares its WAL with the primary's again and finds another way.
      log.info("{} receives nothing from {} and looks again why", settings.name(), source.node());
      relay.failed(ticker.nanos());
      upstream.seal(view);
    }
    boolean voter = here.receiving() && !node.neverPromote();
    return stuck || (voter && upstream.sealAtItsEnd(view, ticker));
  }

  /**
   * Whether what it has is no beginning of the primary's WAL, looked at once in a reign. From a
   * standby that has lost WAL with it, it may seem to receive for ever: its WAL receiver is started
   * again and again, and refuses what comes.
   */
  private boolean hasOther(Action.Follow action, LocalServer.Standby here)
      throws NodeServerException {
    Term term = action.primary().term();
    long now = ticker.nanos();
    if (compared.equals(term) || now - compareAgainAt < 0) {
      return false;
    }
    compareAgainAt = now + COMPARE_AGAIN_NANOS;
    boolean other = !(server.compare(here, action.primary(), action.source()) instanceof Way.GoOn);
    compared = term;
    return other;
  }

  /** The nodes that receive from this one while it is a standby, as far as they do. */
  private List<Replica> receivers(AgentSettings settings) throws NodeServerException {
    boolean relays =
        settings.group().nodes().stream()
            .anyMatch(node -> node.upstream().equals(Optional.of(settings.name())));
    return relays ? settings.ofGroup(server.replicas()) : List.of();
  }
}
