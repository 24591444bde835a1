package io.pgfleet.consensus;

/** How long an entry of the agreed state lives. */
public enum Lifetime {
  /** Until somebody deletes it. */
  PERSISTENT,
  /** Until somebody deletes it or the session that created it ends: what a lease is made of. */
  SESSION
}
