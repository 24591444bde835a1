package io.pgfleet.agent;

/**
 * Whether a node's server must stop when its lease is no longer certain. It must, except while the
 * agent knows that its group is paused and that only it can end the pause: then nobody else can
 * come to lead (proof: {@link io.pgfleet.consensus.group.OperationsStore}). It outlives sessions,
 * for it is the loss of a session that it is about.
 */
public final class LeaseGuard {
  private volatile boolean suspended;

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
