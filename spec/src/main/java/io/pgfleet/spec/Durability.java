package io.pgfleet.spec;

/** When a commit is acknowledged to the client. */
public enum Durability {
  /** When the primary and the group's number of synchronous standbys have flushed it. */
  QUORUM,
  /** When the primary alone has flushed it; a failover may lose the latest commits. */
  ASYNC
}
