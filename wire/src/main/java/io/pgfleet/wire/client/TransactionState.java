package io.pgfleet.wire.client;

/** Where a connection stands, as its last ReadyForQuery said. */
public enum TransactionState {
  /** Not in a transaction block. */
  IDLE,
  /** In a transaction block. */
  IN_TRANSACTION,
  /** In a transaction block that failed and takes nothing but its end. */
  FAILED
}
