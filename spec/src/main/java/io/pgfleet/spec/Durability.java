package io.pgfleet.spec;

/** When a commit is acknowledged to the client. */
public enum Durability {
  /** When the primary and the group's number of synchronous standbys have flushed it. */
  QUORUM,
  /**
   * When the primary alone has flushed it; a standby may lack it, so none is promoted by itself.
   */
  ASYNC
}
