package io.pgfleet.wire.scram;

/** A login that must not go on: a wrong proof, or a message out of the protocol. */
public final class ScramException extends Exception {
  private static final long serialVersionUID = 1L;

  public ScramException(String message) {
    super(message);
  }
}
