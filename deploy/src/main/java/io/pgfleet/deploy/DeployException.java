package io.pgfleet.deploy;

import org.jspecify.annotations.Nullable;

/** Something could not be deployed; the message is one sentence for the user. */
public final class DeployException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String remedy;

  public DeployException(String message, String remedy) {
    this(message, remedy, null);
  }

  public DeployException(String message, String remedy, @Nullable Throwable cause) {
    super(message, cause);
    this.remedy = remedy;
  }

  /** What to do. */
  public String remedy() {
    return remedy;
  }
}
