package io.pgfleet.cli.sql;

/** Something the user asked for can't be done; the message says what and why. */
public final class ShellException extends Exception {
  private static final long serialVersionUID = 1L;

  public ShellException(String message) {
    super(message);
  }

  public ShellException(String message, Throwable cause) {
    super(message, cause);
  }
}
