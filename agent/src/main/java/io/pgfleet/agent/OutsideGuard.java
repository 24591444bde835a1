package io.pgfleet.agent;

import io.pgfleet.consensus.Ticker;

/**
 * A second line behind {@link AgentLoop}'s own guard: somebody outside of this process who stops a
 * server that accepts writes once the last word of its agent is too old. Called by one thread,
 * several times a second.
 */
public interface OutsideGuard {
  /** Nobody: where the agreed state is kept in this same process, nobody else can take a lease. */
  OutsideGuard NONE =
      new OutsideGuard() {
        @Override
        public void certainUntil(long nanos, Ticker ticker) {
          // nobody has to know
        }

        @Override
        public void release() {
          // there is nobody
        }
      };

  /**
   * A lease of this agent's session, if it holds one, is certain up to a moment.
   *
   * @param nanos on the ticker's clock
   */
  void certainUntil(long nanos, Ticker ticker);

  /** Whatever the server does from now on is right until the next {@link #certainUntil}. */
  void release();
}
