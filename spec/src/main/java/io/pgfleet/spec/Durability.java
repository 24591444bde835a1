package io.pgfleet.spec;

/** When a commit is acknowledged to the client, and what becomes of that when standbys are lost. */
public enum Durability {
  /**
   * When the primary and the group's number of synchronous standbys have flushed it. While fewer
   * standbys are there the primary waits for those, and alone for none; then only it can be
   * elected.
   */
  QUORUM,
  /**
   * As with quorum, but the number is never lowered: while fewer standbys are there, writes wait.
   */
  STRICT,
  /**
   * When the primary alone has flushed it. A standby may lack it, and is promoted only while it is
   * not known to lack more than the group's bound.
   */
  ASYNC;

  /** Whether commits wait for standbys. */
  public boolean waits() {
    return switch (this) {
      case QUORUM, STRICT -> true;
      case ASYNC -> false;
    };
  }
}
