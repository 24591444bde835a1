package io.pgfleet.agent;

import io.pgfleet.agent.decide.Election;
import io.pgfleet.consensus.Ticker;
import io.pgfleet.consensus.group.GroupState;
import io.pgfleet.spec.NodeName;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
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

  /** How often it asks while too few have promised, in parts of a promise. */
  private static final int QUESTIONS = 12;

  private final Peers peers;
  private final Ticker ticker;
  private final Duration length;

  private AgentSettings settings;
  private @Nullable GroupState reign;
  private boolean sure;

  /** Until when each node casts no vote against this reign, at the least. */
  private final Map<NodeName, Long> promised = new HashMap<>();

  private boolean asked;
  private long askedAt;
  private long until;
  private boolean said;

  Backing(AgentSettings settings, Peers peers, Ticker ticker) {
    this.settings = settings;
    this.peers = peers;
    this.ticker = ticker;
    this.length = settings.promise();
    this.until = ticker.nanos();
  }

  /** The group has other nodes from now on; who is new has promised nothing yet. */
  synchronized void use(AgentSettings now) {
    boolean others = !now.others().equals(settings.others());
    settings = now;
    if (others) {
      recount();
    }
  }

  /** This node leads, and this is what the group has agreed on. */
  synchronized void leads(GroupState state) {
    GroupState before = reign;
    if (before == null || !before.term().equals(state.term())) {
      leadsNoMore();
    }
    reign = state;
    sure = true;
    if (before != null && !before.voters().equals(state.voters())) {
      recount();
    }
  }

  /** The voters may become others than those seen last. */
  synchronized void unsure() {
    sure = false;
    recount();
  }

  /** This node does not lead. */
  synchronized void leadsNoMore() {
    reign = null;
    promised.clear();
    said = false;
    asked = false;
    until = ticker.nanos();
  }

  /** The consensus servers answer again. */
  synchronized void notNeeded() {
    said = false;
  }

  /** The moment until which nobody can be elected; in the past when nothing is certain. */
  synchronized long certainUntil() {
    return until;
  }

  /** Asks the others, unless they were asked just now. Called several times a second. */
  void ask() {
    AssentRequest request;
    Set<NodeName> others;
    long now = ticker.nanos();
    synchronized (this) {
      GroupState state = reign;
      if (state == null || (asked && now - askedAt < pause(now))) {
        return;
      }
      asked = true;
      askedAt = now;
      if (impossible(state, Set.of())) {
        extend(end(now));
      }
      request = new AssentRequest(settings.group().name(), settings.name(), state.term(), length);
      others = settings.others();
    }
    for (NodeName node : others) {
      try {
        peers.ask(node, request, assent -> answered(request, now, node, assent));
      } catch (RuntimeException e) {
        log.warn("{} can't be asked: {}", node, e.getMessage());
        log.debug("the cause", e);
      }
    }
  }

  /** There is time while most of a promise is left. */
  private long pause(long now) {
    long usual = length.toNanos() / QUESTIONS;
    return until - now > length.toNanos() / 2 ? 2 * usual : usual;
  }

  private long end(long askedAt) {
    return askedAt + length.toNanos() * (MARGIN - 1) / MARGIN;
  }

  private synchronized void answered(
      AssentRequest request, long sentAt, NodeName node, Assent assent) {
    if (!assent.promised()) {
      log.debug("{} does not back {}: {}", node, settings.name(), assent.why());
    } else if (reign != null && reign.term().equals(request.term())) {
      promised.merge(node, end(sentAt), (one, other) -> one - other < 0 ? other : one);
      count(reign);
    }
  }

  /** What promises are worth with the voters as they are now. */
  private void recount() {
    GroupState state = reign;
    if (state != null && impossible(state, Set.of())) {
      return; // as it was before: only this node can make voters
    }
    until = ticker.nanos();
    if (state != null) {
      count(state);
    }
  }

  /** The latest moment up to which enough promises run. */
  private void count(GroupState state) {
    for (long end : Set.copyOf(promised.values())) {
      Set<NodeName> silent = new HashSet<>();
      promised.forEach((node, its) -> {
        if (its - end >= 0) {
          silent.add(node);
        }
      });
      if (impossible(state, silent)) {
        extend(end);
      }
    }
  }

  private boolean impossible(GroupState state, Set<NodeName> silent) {
    return Election.impossible(
        state, sure, silent, settings.others(), !settings.group().durability().waits());
  }

  private void extend(long end) {
    if (end - until > 0) {
      until = end;
    }
    if (!said && until - ticker.nanos() > 0) {
      said = true;
      log.warn(
          "{} hears nothing from the consensus servers; nobody can be elected in its place{}",
          settings.name(),
          promised.isEmpty() ? "" : ", as promised by " + new TreeSet<>(promised.keySet()));
    }
  }
}
