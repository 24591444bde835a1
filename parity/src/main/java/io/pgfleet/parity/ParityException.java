package io.pgfleet.parity;

/** A check can't be made; the text says what is missing and what to do about it. */
public final class ParityException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** With what happened, and what to do. */
  public ParityException(String what, String hint) {
    super(what + "\n  hint: " + hint);
  }
}
