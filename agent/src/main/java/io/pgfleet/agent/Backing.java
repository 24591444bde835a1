package io.pgfleet.agent;

import io.pgfleet.agent.decide.Election;
import io.pgfleet.consensus.Ticker;
import io.pgfleet.consensus.group.GroupState;
import io.pgfleet.spec.NodeName;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Until when the other agents' {@link Promises} keep anybody from being elected against the reign
 * of this node. It never waits: it asks, and counts the answers as they come.
 */
final class Backing {
  private static final Logger log = LoggerFactory.getLogger(Backing.class);

  /** The part of a promise that is left unused, for clocks of different rate. */
  private static final int MARGIN = 20;

  /** How many questions may be asked in the time of one promise. */
  private static final int QUESTIONS = 6;

  private final Peers peers;
  private final Ticker ticker;
  private final Duration length;

  private AgentSettings settings;
  private @Nullable GroupState reign;
  private boolean sure;
  private Set<NodeName> promised = new HashSet<>();
  private boolean asked;
  private long askedAt;
  private long until;
  private boolean backed;

  Backing(AgentSettings settings, Peers peers, Ticker ticker) {
    this.settings = settings;
    this.peers = peers;
    this.ticker = ticker;
    this.length = settings.promise();
    this.until = ticker.nanos();
  }

  /** The group has other nodes from now on; who is new has promised nothing yet. */
  synchronized void use(AgentSettings now) {
    settings = now;
  }

  /** This node leads, and this is what the group has agreed on. */
  synchronized void leads(GroupState state) {
    if (reign == null || !reign.term().equals(state.term())) {
      leadsNoMore();
    }
    reign = state;
    sure = true;
  }

  /** The voters may become others than those seen last. */
  synchronized void unsure() {
    sure = false;
  }

  /** This node does not lead. */
  synchronized void leadsNoMore() {
    reign = null;
    backed = false;
    asked = false;
    until = ticker.nanos();
  }

  /** The moment until which nobody can be elected; in the past when nothing is certain. */
  synchronized long certainUntil() {
    return until;
  }

  /** Asks the others, unless they were asked just now. Called several times a second. */
  void ask() {
    AssentRequest request;
    Set<NodeName> others;
    long now;
    synchronized (this) {
      now = ticker.nanos();
      GroupState state = reign;
      if (state == null || (asked && now - askedAt < length.toNanos() / QUESTIONS)) {
        return;
      }
      asked = true;
      askedAt = now;
      promised = new HashSet<>();
      request = new AssentRequest(settings.group().name(), settings.name(), state.term(), length);
      others = settings.others();
      count(request);
    }
    for (NodeName node : others) {
      long sentAt = now;
      peers.ask(node, request, assent -> answered(request, sentAt, node, assent));
    }
  }

  private synchronized void answered(
      AssentRequest request, long sentAt, NodeName node, Assent assent) {
    if (!assent.promised()) {
      log.debug("{} does not back {}: {}", node, settings.name(), assent.why());
    } else if (reign != null && reign.term().equals(request.term()) && sentAt == askedAt) {
      promised.add(node);
      count(request);
    }
  }

  private void count(AssentRequest request) {
    GroupState state = reign;
    if (state == null
        || !Election.impossible(
            state, sure, promised, settings.others(), !settings.group().durability().waits())) {
      return;
    }
    long end = askedAt + request.length().toNanos() * (MARGIN - 1) / MARGIN;
    if (end - until > 0) {
      until = end;
    }
    if (!backed) {
      backed = true;
      log.warn(
          "{} can't reach the consensus servers and stays primary of term {}: {}",
          settings.name(),
          state.term(),
          promised.isEmpty()
              ? "nobody else may be elected"
              : "promised by " + new java.util.TreeSet<>(promised));
    }
  }

  /** The consensus servers answer again. */
  synchronized void notNeeded() {
    backed = false;
  }
}
