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
 * <p>Safe for use by many threads; no call waits.
 */
public final class Mandate {
  private final Backing backing;
  private final Promises promises;
  private final Ticker ticker;
  private final Silence silence;
  private @Nullable Session session;
  private boolean withoutLease;
  private boolean leaseSeen;
  private boolean observed;

  /**
   * The mandate of an agent that begins: none.
   *
   * @param promises what this agent itself has promised others
   */
  public Mandate(AgentSettings settings, Peers peers, Promises promises, Ticker ticker) {
    this.backing = new Backing(settings, peers, ticker);
    this.promises = promises;
    this.ticker = ticker;
    this.silence = new Silence(ticker);
  }

  /** What this agent has promised others. */
  public Promises promises() {
    return promises;
  }

  /** A session begins. */
  public synchronized void begins(Session fresh) {
    session = fresh;
    leaseSeen = false;
  }

  /**
   * The session has ended, and its lease with it, if there was one.
   *
   * @return whether a server that accepts writes may go on
   */
  public synchronized boolean ended() {
    session = null;
    leaseSeen = false;
    boolean backed = ticker.nanos() - backing.certainUntil() < 0;
    withoutLease |= backed;
    return backed;
  }

  /** The group has other nodes from now on. */
  void use(AgentSettings now) {
    backing.use(now);
  }

  /** Takes note of a look at the agreed state within the session. May wait for a disk. */
  void looked(GroupView view) {
    promises.looked(view);
    if (view.lease().map(HeldLease::ours).orElse(false)) {
      leased();
    }
  }

  private synchronized void leased() {
    leaseSeen = true;
    withoutLease = false;
  }

  /** The server was looked at, so it is known whether it may write. */
  synchronized void observed() {
    observed = true;
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
  private synchronized long certainUntil() {
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
   * What may be said to a guard outside of this process. An agent that took over a server which
   * accepts writes, or can't even look at it, must not let that go on before it has seen its lease:
   * until then the last word of its earlier life holds.
   *
   * @param mayWrite whether the server may accept writes, as far as was seen
   * @return a moment on the ticker's clock; in the past when there is nothing to be said
   */
  synchronized long wordUntil(boolean mayWrite) {
    return leaseSeen || (observed && !mayWrite) ? certainUntil() : backing.certainUntil();
  }

  /**
   * Has the other agents asked where the consensus servers do not answer. Called several times a
   * second.
   *
   * @param mayWrite whether there is a server that would have to stop
   */
  public void tick(boolean mayWrite) {
    boolean silent;
    boolean ask;
    Session current;
    synchronized (this) {
      current = session;
      silent = silence.look(current);
      ask = silent || withoutLease;
    }
    promises.hear(current, silent);
    if (!ask) {
      backing.notNeeded();
    } else if (mayWrite) {
      backing.ask();
    }
  }
}
