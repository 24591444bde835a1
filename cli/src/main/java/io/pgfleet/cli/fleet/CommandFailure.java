package io.pgfleet.cli.fleet;

/**
 * A command that can't do what it was asked to. Its message is one sentence for the user, the hint
 * says what to do.
 */
public final class CommandFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** It failed. */
  public static final int FAILED = 1;

  /** The command line or fleet.yaml is wrong. */
  public static final int USAGE = 2;

  /** The fleet does not run. */
  public static final int NOT_RUNNING = 3;

  /** The fleet runs, and is not whole. */
  public static final int DEGRADED = 4;

  private final int status;
  private final String hint;

  public CommandFailure(int status, String message, String hint) {
    super(message);
    this.status = status;
    this.hint = hint;
  }

  public CommandFailure(String message, String hint) {
    this(FAILED, message, hint);
  }

  /** The exit status. */
  public int status() {
    return status;
  }

  public String hint() {
    return hint;
  }

  /** What goes to standard error. */
  public String text() {
    String sentence = String.valueOf(getMessage());
    return "pgfleet: " + sentence + (hint.isEmpty() ? "" : "\n  hint: " + hint);
  }
}
