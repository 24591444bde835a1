package io.pgfleet.agent;

import io.pgfleet.consensus.Session;
import io.pgfleet.consensus.Ticker;
import io.pgfleet.consensus.group.GroupState;
import io.pgfleet.consensus.group.GroupView;
import io.pgfleet.consensus.group.GroupView.Versioned;
import io.pgfleet.consensus.group.Vote;
import io.pgfleet.spec.GroupName;
import io.pgfleet.spec.NodeName;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one agent has promised primaries that can't reach the consensus servers: to cast no vote for
 * a while. It outlives the agent's sessions.
 *
 * <h2>What a promise is worth</h2>
 *
 * <p>Let V be the newest look at the agreed state on which a promise for term T rests. V shows term
 * T and no vote of this node against it, and none was begun since. Whoever takes term T + 1
 * counting this node's vote must do so after V, with a vote cast after V: there is none until the
 * promise has run out. So as long as promises of enough nodes run ({@link
 * io.pgfleet.agent.decide.Election#impossible}), no election against T succeeds, and none has.
 *
 * <ul>
 *   <li>A vote whose outcome is unknown counts as standing. It may still arrive after its session's
 *       end; after twice the longest timeout of a session it can't any more.
 *   <li>An agent that begins anew does not know what an earlier life of it promised. If that may
 *       have been something ({@link PromiseMemory}), it casts no vote for as long as the longest
 *       promise.
 *   <li>The promise is counted from the moment of the answer, which is later than the moment of the
 *       question, from which the primary counts; the primary also leaves a margin for clocks of
 *       different rate.
 *   <li>An agent that hears the consensus servers refuses: a primary that alone is cut off from
 *       them is to be replaced as soon as its lease ends. One that heard nothing until a moment ago
 *       still promises, to give the primary time to find the servers too.
 * </ul>
 */
public final class Promises {
  private static final Logger log = LoggerFactory.getLogger(Promises.class);

  private final NodeName me;
  private final GroupName group;
  private final Duration longest;
  private final PromiseMemory memory;
  private final Ticker ticker;

  /** Held while the memory is written, which may take long; the guard of a lease must not wait. */
  private final Object writing = new Object();

  private boolean noted;

  private long until;
  private @Nullable GroupState known;
  private boolean standing;
  private boolean doubtful;
  private long castAt;
  private boolean heardNothing;
  private long longestSession;
  private long silentAt;

  /**
   * The promises of an agent that begins.
   *
   * @param longest the longest that may be promised; the same for all agents of the group
   * @param memory what an earlier life of the agent left
   */
  public Promises(
      NodeName me, GroupName group, Duration longest, PromiseMemory memory, Ticker ticker) {
    this.me = me;
    this.group = group;
    this.longest = longest;
    this.memory = memory;
    this.ticker = ticker;
    Duration earlier = memory.promised();
    this.noted = !earlier.isZero();
    this.until = ticker.nanos() + earlier.toNanos();
    this.longestSession = longest.toNanos();
    this.silentAt = ticker.nanos();
  }

  /** Whether no vote may be cast now. */
  synchronized boolean run() {
    return ticker.nanos() - until < 0;
  }

  /** Takes note of a look at the agreed state. */
  void looked(GroupView view) {
    see(view);
    forget();
  }

  private synchronized void see(GroupView view) {
    known = view.state().map(Versioned::value).orElse(null);
    Versioned<Vote> vote = view.votes().get(me);
    boolean seen = vote != null && known != null && vote.value().against().equals(known.term());
    if (doubtful && ticker.nanos() - castAt > 2 * longestSession) {
      doubtful = false;
    }
    standing = seen || doubtful;
  }

  /**
   * To be called before a vote is cast.
   *
   * @return whether it may be cast
   */
  synchronized boolean vote() {
    if (run()) {
      return false;
    }
    standing = true;
    doubtful = true;
    castAt = ticker.nanos();
    return true;
  }

  /** It is known what became of the last vote: the next look shows it. */
  synchronized void settled() {
    doubtful = false;
  }

  /**
   * Takes note of whether the consensus servers answer; called several times a second. An agent
   * that begins has heard nothing yet, which is no sign that others hear nothing.
   */
  synchronized void hear(@Nullable Session session, boolean silent) {
    if (session != null) {
      longestSession = Math.max(longestSession, session.timeout().toNanos());
    }
    if (silent && known != null) {
      heardNothing = true;
      silentAt = ticker.nanos();
    }
  }

  /** Answers a primary; what it is promised begins now. Not for threads that must not wait. */
  public Assent answer(AssentRequest request) {
    synchronized (writing) {
      String objection = objection(request);
      if (objection.isEmpty() && !noted) {
        objection = remember();
      }
      return objection.isEmpty() ? promise(request) : Assent.refused(objection);
    }
  }

  private String remember() {
    try {
      memory.note(longest);
      noted = true;
      return "";
    } catch (IOException e) {
      return "it can't write down that it promises: " + e.getMessage();
    }
  }

  /** Once promises are long over. */
  private void forget() {
    synchronized (writing) {
      if (noted && forgettable()) {
        // Whatever comes of it: the next promise is written down again.
        noted = false;
        try {
          memory.note(Duration.ZERO);
        } catch (IOException e) {
          log.debug("{}: what it promised can't be forgotten", me, e);
        }
      }
    }
  }

  private synchronized boolean forgettable() {
    return !run() && ticker.nanos() - silentAt > 2 * longest.toNanos();
  }

  private synchronized Assent promise(AssentRequest request) {
    // Writing may have taken long.
    String objection = objection(request);
    if (!objection.isEmpty()) {
      return Assent.refused(objection);
    }
    until = later(until, ticker.nanos() + request.length().toNanos());
    return Assent.PROMISED;
  }

  /** Why it can't promise; empty if it can. */
  private synchronized String objection(AssentRequest request) {
    GroupState state = known;
    if (!request.group().equals(group.value()) || request.from().equals(me)) {
      return "it is node " + me + " of group " + group;
    }
    if (request.length().isNegative() || request.length().compareTo(longest) > 0) {
      return "it promises at most " + longest.toMillis() + " ms";
    }
    if (state == null) {
      return "it has not seen the agreed state";
    }
    if (!state.term().equals(request.term()) || !state.leader().equals(request.from())) {
      return state.leader() + " took term " + state.term();
    }
    if (standing) {
      return "it has voted against term " + state.term();
    }
    return heardNothing && ticker.nanos() - silentAt <= longest.toNanos()
        ? ""
        : "it hears the consensus servers";
  }

  private static long later(long one, long other) {
    return one - other < 0 ? other : one;
  }
}
