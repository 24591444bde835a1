package io.pgfleet.consensus;

import org.jspecify.annotations.Nullable;

/** The servers answered and said no for good: another secret owns this state, or a bad request. */
public final class AgreementRefusedException extends AgreementException {
  private static final long serialVersionUID = 1L;

  AgreementRefusedException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
