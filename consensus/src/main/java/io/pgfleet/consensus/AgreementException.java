package io.pgfleet.consensus;

import org.jspecify.annotations.Nullable;

/** A call on the agreed state that gave no result; what a caller must tell apart is its kind. */
public abstract sealed class AgreementException extends RuntimeException
    permits AgreementUnavailableException, ConflictException, AgreementRefusedException {
  private static final long serialVersionUID = 1L;

  AgreementException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
