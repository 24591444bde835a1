package io.pgfleet.bench;

/** A benchmark that can't go on. Its message is one sentence for the user, the hint what to do. */
public final class BenchException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String hint;

  public BenchException(String message, String hint) {
    super(message);
    this.hint = hint;
  }

  /** What to do about it. */
  public String hint() {
    return hint;
  }
}
