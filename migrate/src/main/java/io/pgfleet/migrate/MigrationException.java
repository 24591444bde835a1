package io.pgfleet.migrate;

/** A file that can't be read at all, and why. */
public final class MigrationException extends Exception {
  private static final long serialVersionUID = 1L;

  public MigrationException(String message) {
    super(message);
  }
}
