package io.pgfleet.agent;

import java.io.IOException;

/** Whether an agent has made promises that it must keep also as a new process. */
public interface PromiseMemory {
  /** Of agents that end together with all others: what they promised ends with them. */
  PromiseMemory NONE =
      new PromiseMemory() {
        @Override
        public boolean mayHavePromised() {
          return false;
        }

        @Override
        public void note(boolean promised) {
          // nobody has to know
        }
      };

  /** Whether an earlier life of this agent may have promised something not long ago. */
  boolean mayHavePromised();

  /**
   * Keeps for later lives that there may be promises, or that there are none.
   *
   * @throws IOException if that can't be kept for certain
   */
  void note(boolean promised) throws IOException;
}
