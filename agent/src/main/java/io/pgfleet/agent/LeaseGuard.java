package io.pgfleet.agent;

import io.pgfleet.agent.decide.Action;
import io.pgfleet.agent.decide.LocalServer;
import java.util.Optional;

/**
 * Whether a node's server must stop when its lease is no longer certain. It must, except while the
 * agent knows that its group is paused and that only it can end the pause: then nobody else can
 * come to lead (proof: {@link io.pgfleet.consensus.group.OperationsStore}). It outlives sessions,
 * for it is the loss of a session that it is about. And whether somebody stands ready who stops the
 * server if this process can't.
 */
public final class LeaseGuard {
  private final OutsideGuard outside;
  private volatile boolean suspended;

  /** One that nobody outside of this process stands behind. */
  public LeaseGuard() {
    this(OutsideGuard.NONE);
  }

  LeaseGuard(OutsideGuard outside) {
    this.outside = outside;
  }

  /** Why the node must not come to lead at the moment, a sentence; empty if it may. */
  Optional<String> objection() {
    return outside.objection();
  }

  /**
   * To be called before an action is taken. Whoever is to stop the server must be ready not only
   * before that accepts writes, but before a term or a lease is taken: with these held in vain,
   * nobody else could be elected. A server that is a primary already is not waited for: it writes
   * in any case, and is guarded again once its lease is seen.
   *
   * @throws NodeServerException if it is not ready; then the action must not be taken
   */
  void before(Action action, LocalServer here) throws NodeServerException {
    if (action instanceof Action.Found
        || (action instanceof Action.ResumeLease && !(here instanceof LocalServer.Primary))
        || action instanceof Action.StartPrimary
        || action instanceof Action.TakeTerm
        || action instanceof Action.Promote
        || (action instanceof Action.Restart && here instanceof LocalServer.Primary)) {
      outside.beforeLeading();
    }
  }

  /** The server may go on without a lease. */
  void suspend() {
    suspended = true;
  }

  /** The server must stop when the lease is no longer certain. */
  void arm() {
    suspended = false;
  }

  /** Whether the server may go on without a lease. Any thread may ask. */
  public boolean isSuspended() {
    return suspended;
  }
}
