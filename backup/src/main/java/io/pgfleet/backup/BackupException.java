package io.pgfleet.backup;

/** Something about a repository that its user must know: what, where, and what to do. */
public final class BackupException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** What kind of trouble it is, for those who react to it. */
  public enum Kind {
    /** The store can't be reached, or refuses. */
    STORE,
    /** An object is not what was put there. */
    DAMAGED,
    /** The key is missing, or is not that of the repository. */
    KEY,
    /** What was asked for is not in the repository. */
    MISSING,
    /** The server, or a file of this machine, ended it. */
    SERVER
  }

  private final Kind kind;
  private final String message;
  private final String hint;

  /**
   * Trouble.
   *
   * @param message what happened and where, a sentence
   * @param hint what to do
   */
  public BackupException(Kind kind, String message, String hint) {
    super(message);
    this.kind = kind;
    this.message = message;
    this.hint = hint;
  }

  /** The same, with what led to it. */
  public BackupException(Kind kind, String message, String hint, Throwable cause) {
    super(message, cause);
    this.kind = kind;
    this.message = message;
    this.hint = hint;
  }

  /** What happened and where, a sentence. */
  @Override
  public String getMessage() {
    return message;
  }

  public Kind kind() {
    return kind;
  }

  /** What to do. */
  public String hint() {
    return hint;
  }
}
