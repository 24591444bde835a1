package io.pgfleet.agent;

import java.io.IOException;
import java.time.Duration;

/** What an agent may have promised, for it as a new process. */
public interface PromiseMemory {
  /** Of agents that end together with all others: what they promised ends with them. */
  PromiseMemory NONE =
      new PromiseMemory() {
        @Override
        public Duration promised() {
          return Duration.ZERO;
        }

        @Override
        public void note(Duration longest) {
          // nobody has to know
        }
      };

  /** How long a promise of an earlier life of this agent may run from now on; zero if none does. */
  Duration promised();

  /**
   * Keeps for later lives how long promises may run.
   *
   * @param longest zero if there is none
   * @throws IOException if that can't be kept for certain
   */
  void note(Duration longest) throws IOException;
}
