package io.pgfleet.consensus;

import org.jspecify.annotations.Nullable;

/**
 * The embedded server can't run; the message says what and where in one sentence, and what to do in
 * another.
 */
public final class ConsensusStartException extends Exception {
  private static final long serialVersionUID = 1L;

  ConsensusStartException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
