package io.pgfleet.agent;

import io.pgfleet.consensus.Session;
import io.pgfleet.consensus.Ticker;
import io.pgfleet.consensus.group.GroupState;
import io.pgfleet.consensus.group.GroupView;
import io.pgfleet.consensus.group.GroupView.HeldLease;
import org.jspecify.annotations.Nullable;

/**
 * Until when a node's server may accept writes: while the lease of its agent's session is certain,
 * or while the other agents' promises keep anybody from being elected in its place. It outlives
 * sessions, and a primary that is backed by promises goes on after its session.
 *
 * <p>A new session is certain to live at once, which says nothing about a lease. So after one that
 * ended under a primary which went on, only promises count until the lease is seen to be the new
 * session's.
 *
 * <p>Safe for use by many threads.
 */
public final class Mandate {
  /** Below this part of a session's timeout the other agents are asked. */
  private static final double ASK_BELOW = 0.45;

  private final Backing backing;
  private final Promises promises;
  private final Ticker ticker;
  private @Nullable Session session;
  private boolean withoutLease;

  /**
   * The mandate of an agent that begins: none.
   *
   * @param promises what this agent itself has promised others
   */
  public Mandate(AgentSettings settings, Peers peers, Promises promises, Ticker ticker) {
    this.backing = new Backing(settings, peers, ticker);
    this.promises = promises;
    this.ticker = ticker;
  }

  /** What this agent has promised others. */
  public Promises promises() {
    return promises;
  }

  /** A session begins. */
  public synchronized void begins(Session fresh) {
    session = fresh;
  }

  /** The session has ended, and its lease with it, if there was one. */
  public synchronized void ended() {
    session = null;
    withoutLease |= ticker.nanos() - backing.certainUntil() < 0;
  }

  /** The group has other nodes from now on. */
  void use(AgentSettings now) {
    backing.use(now);
  }

  /** Takes note of a look at the agreed state within the session. */
  synchronized void looked(GroupView view) {
    promises.looked(view);
    if (view.lease().map(HeldLease::ours).orElse(false)) {
      withoutLease = false;
    }
  }

  /** The node's server serves as primary of this reign, under the session's lease. */
  void leads(GroupState state) {
    backing.leads(state);
  }

  /** The voters may become others than those seen last. */
  void votersChange() {
    backing.unsure();
  }

  /** The node does not lead. */
  void leadsNoMore() {
    backing.leadsNoMore();
  }

  /** The moment, on the ticker's clock, until which the server may accept writes. */
  public synchronized long certainUntil() {
    long backed = backing.certainUntil();
    Session current = session;
    if (current == null || withoutLease) {
      return backed;
    }
    long leased = current.certainUntilNanos();
    return leased - backed < 0 ? backed : leased;
  }

  /** Whether the server may accept writes at this moment. */
  public boolean certain() {
    return ticker.nanos() - certainUntil() < 0;
  }

  /**
   * Has the other agents asked where the consensus servers do not answer. Called several times a
   * second.
   *
   * @param mayWrite whether there is a server that would have to stop
   */
  public void tick(boolean mayWrite) {
    Session current;
    boolean alone;
    synchronized (this) {
      current = session;
      alone = withoutLease;
    }
    promises.hear(current);
    boolean leased =
        current != null
            && !alone
            && current.remaining().toNanos() >= ASK_BELOW * current.timeout().toNanos();
    if (leased) {
      backing.notNeeded();
    } else if (mayWrite) {
      backing.ask();
    }
  }
}
