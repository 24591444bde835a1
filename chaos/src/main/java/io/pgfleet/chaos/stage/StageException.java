package io.pgfleet.chaos.stage;

/** The stage can't be set, or a fault can't be done: no verdict about the fleet. */
public final class StageException extends RuntimeException {
  private static final long serialVersionUID = 1;

  StageException(String message) {
    super(message);
  }

  StageException(String message, Throwable cause) {
    super(message + ": " + cause.getMessage(), cause);
  }
}
