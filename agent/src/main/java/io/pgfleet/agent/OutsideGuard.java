package io.pgfleet.agent;

import io.pgfleet.consensus.Ticker;
import java.util.Optional;

/**
 * A second line behind {@link AgentLoop}'s own guard: somebody outside of this process who stops a
 * server that accepts writes once the last word of its agent is too old. Who must not be without it
 * finds out here whether the node may lead. {@link #certainUntil} and {@link #release} are called
 * by one thread, several times a second; the others by any.
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

  /** Why the node must not come to lead at the moment, a sentence; empty if it may. */
  default Optional<String> objection() {
    return Optional.empty();
  }

  /**
   * The server is about to accept writes. Waits, for two seconds at most, until it is guarded as it
   * has to be.
   *
   * @throws NodeServerException if it is not; then it must not accept writes
   */
  default void beforeLeading() throws NodeServerException {}
}
