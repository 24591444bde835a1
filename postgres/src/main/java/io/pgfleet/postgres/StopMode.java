package io.pgfleet.postgres;

/** How a server is stopped (PostgreSQL manual, 'Shutting Down the Server'). */
public enum StopMode {
  /** Waits for clients to leave. */
  SMART("TERM"),
  /** Breaks off clients' transactions, writes a checkpoint, sends standbys all WAL. */
  FAST("INT"),
  /** Stops at once, as if killed; the next start recovers. */
  IMMEDIATE("QUIT");

  private final String signal;

  StopMode(String signal) {
    this.signal = signal;
  }

  String signal() {
    return signal;
  }
}
