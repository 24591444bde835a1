package io.pgfleet.spec;

/** For how long a client of the gateway keeps a server connection. */
public enum PoolMode {
  /** From the first statement of a transaction to its end. */
  TRANSACTION,
  /** Until the client disconnects. */
  SESSION,
  /** For one statement; transactions of several statements are refused. */
  STATEMENT
}
