package io.pgfleet.postgres.host;

import org.jspecify.annotations.Nullable;

/**
 * What keeps a server from being made, started or stopped: a stable kind to act on, one sentence of
 * what and where (the message), and one of what to do (the remedy).
 */
public final class ServerException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** What went wrong, for callers that act on it and for counting. */
  public enum Kind {
    /** No usable PostgreSQL programs. */
    INSTALLATION,
    /** The server's user is missing or can't get at a folder. */
    USER,
    /** The folder holds something that is not a data folder; nothing in it was touched. */
    NOT_A_DATA_FOLDER,
    /** There is a data folder already where a new one was to be made. */
    ALREADY_INITIALIZED,
    /** There is no data folder. */
    NOT_INITIALIZED,
    /** The data folder was made by another major version. */
    OTHER_VERSION,
    /** The data folder belongs to another database system. */
    OTHER_SYSTEM,
    /** The data folder's owner or mode is one that PostgreSQL refuses. */
    OWNER,
    /** Another process works in the folder. */
    LOCKED,
    /** The folder's content can't be read as what it should be. */
    DAMAGED,
    /** Another process listens on the port. */
    PORT_BUSY,
    /** The file system is full. */
    DISK_FULL,
    /** A setting that PostgreSQL can't be given. */
    SETTING,
    /** A step of the server did not succeed; the message has its own last words. */
    FAILED,
    /** The server was given up waiting for, but goes on by itself. */
    STILL_WORKING,
    /** A secret is missing or open to others. */
    SECRET,
    /** A base backup broke off or held something that can't be taken. */
    BACKUP
  }

  private final Kind kind;
  private final String remedy;

  /** A failure with no cause worth showing. */
  public ServerException(Kind kind, String message, String remedy) {
    this(kind, message, remedy, null);
  }

  /** A failure with the cause that led to it, for logs only. */
  public ServerException(Kind kind, String message, String remedy, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
    this.remedy = remedy;
  }

  /** What went wrong, to act on. */
  public Kind kind() {
    return kind;
  }

  /** One sentence of what to do. */
  public String remedy() {
    return remedy;
  }
}
