package io.pgfleet.agent;

/** What lets an agent hold applications back while it moves the primary on purpose. */
public interface WriteGate {
  /** A gate for fleets without a gateway in reach. */
  WriteGate OPEN =
      new WriteGate() {
        @Override
        public boolean hold() {
          return true;
        }

        @Override
        public void release() {}
      };

  /**
   * Holds new transactions and waits, for a bounded time, until those that run have ended.
   *
   * @return whether all have ended; new ones are held in either case
   */
  boolean hold();

  /** Lets transactions begin again, as soon as there is a primary. */
  void release();
}
