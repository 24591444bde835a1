package io.pgfleet.consensus;

import org.jspecify.annotations.Nullable;

/**
 * The servers of the agreed state could not be reached or did not answer in time, or the session is
 * lost for good ({@link Session#lost} tells).
 */
public final class AgreementUnavailableException extends AgreementException {
  private static final long serialVersionUID = 1L;

  /** What a call that failed may have changed. */
  public enum Outcome {
    /** Nothing was changed, and nothing will be by this call. */
    NOT_DONE,
    /**
     * The change may have happened or not. While the session lives, the next call that writes, or
     * {@link Agreement#catchUp}, puts an end to the doubt: after it the change has either happened
     * already, which a read then shows, or never will. With a lost session its SESSION entries end
     * anyway; for persistent ones open a new {@link Agreement}, call {@code catchUp} after the old
     * session's timeout, and read. Values to be told from others' must hold something unique to
     * their writer.
     */
    UNKNOWN
  }

  private final Outcome outcome;

  AgreementUnavailableException(Outcome outcome, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.outcome = outcome;
  }

  /** What the call may have changed. */
  public Outcome outcome() {
    return outcome;
  }
}
