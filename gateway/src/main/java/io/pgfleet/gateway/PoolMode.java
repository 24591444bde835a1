package io.pgfleet.gateway;

/** How long a client keeps a server connection. */
public enum PoolMode {
  /** For one transaction; what ties a client to a server pins it for longer. */
  TRANSACTION,
  /** From login to logout. */
  SESSION,
  /** For one statement; transactions of several statements are refused. */
  STATEMENT
}
