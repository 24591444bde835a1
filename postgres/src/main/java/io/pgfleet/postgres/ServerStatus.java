package io.pgfleet.postgres;

import java.time.Instant;

/** What can be seen of a server from its data folder and its process, without connecting. */
public sealed interface ServerStatus {
  /** There is no data folder yet. */
  record NotInitialized() implements ServerStatus {}

  /** There is data, and nothing runs on it. */
  record Stopped() implements ServerStatus {}

  /**
   * Nothing runs, but the server was killed and left its {@code postmaster.pid}; a start recovers.
   *
   * @param pid the number its process had, 0 if unknown
   */
  record Stale(long pid) implements ServerStatus {}

  /**
   * On its way up: recovering, or a standby whose data is not yet consistent.
   *
   * @param pid the postmaster's process
   */
  record Starting(long pid) implements ServerStatus {}

  /**
   * Accepts connections.
   *
   * @param pid the postmaster's process
   * @param port its TCP port
   * @param startedAt to the second
   */
  record Running(long pid, int port, Instant startedAt) implements ServerStatus {}

  /**
   * On its way down.
   *
   * @param pid the postmaster's process
   */
  record Stopping(long pid) implements ServerStatus {}

  /** Whether a process works on the data folder. */
  default boolean isAlive() {
    return switch (this) {
      case NotInitialized _, Stopped _, Stale _ -> false;
      case Starting _, Running _, Stopping _ -> true;
    };
  }
}
