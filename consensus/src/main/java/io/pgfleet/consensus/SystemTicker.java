package io.pgfleet.consensus;

/** The only place of this module that asks the machine for its monotonic clock. */
enum SystemTicker implements Ticker {
  INSTANCE;

  @Override
  public long nanos() {
    return System.nanoTime();
  }
}
