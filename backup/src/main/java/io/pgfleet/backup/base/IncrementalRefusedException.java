package io.pgfleet.backup.base;

/** The server can't take an incremental backup now; a full one it may. */
public final class IncrementalRefusedException extends Exception {
  private static final long serialVersionUID = 1;

  /** Refused, because of what the message says, which is no whole sentence. */
  IncrementalRefusedException(String message) {
    super(message);
  }

  /** The same, with what the server said. */
  IncrementalRefusedException(String message, Throwable cause) {
    super(message, cause);
  }
}
