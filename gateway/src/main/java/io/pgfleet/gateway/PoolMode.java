package io.pgfleet.gateway;

/** How long a client keeps a server connection. */
public enum PoolMode {
  /** From login to logout. */
  SESSION,
  /** For one transaction; what ties a client to a server pins it for longer. */
  TRANSACTION,
  /** For one request; transaction blocks are refused. */
  STATEMENT
}
