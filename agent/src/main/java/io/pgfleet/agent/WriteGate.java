package io.pgfleet.agent;

import java.time.Duration;

/** What lets an agent hold applications back while it moves the primary on purpose. */
public interface WriteGate {
  /** A gate for fleets without a gateway in reach. */
  WriteGate OPEN =
      new WriteGate() {
        @Override
        public void hold(Duration bound) {}

        @Override
        public void release() {}
      };

  /** Holds new transactions and waits until those that run have ended, or the bound has passed. */
  void hold(Duration bound);

  /** Lets transactions begin again, as soon as there is a primary. */
  void release();
}
