package io.pgfleet.gateway;

/** Where a session wants its requests to go. */
enum ReadSide {
  /** Reads to a standby, all else to the primary. */
  AUTOMATIC,
  /** Everything to the primary. */
  PRIMARY,
  /** Reads to a standby, also where it is not certain that they only read. */
  STANDBY
}
