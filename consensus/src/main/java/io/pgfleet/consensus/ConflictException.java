package io.pgfleet.consensus;

import org.jspecify.annotations.Nullable;

/**
 * The state is not what the caller believed: an entry to create is there, an entry to change moved
 * on or is gone, an entry to delete has children. Nothing was changed; read again and decide anew.
 */
public final class ConflictException extends AgreementException {
  private static final long serialVersionUID = 1L;

  private final String path;

  ConflictException(String path, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.path = path;
  }

  /** The entry that differs. */
  public String path() {
    return path;
  }
}
