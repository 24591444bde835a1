package io.pgfleet.gateway;

/** The bounds of {@link PoolSettings} on clients' times, in nanoseconds; zero is none. */
record TimeLimits(
    long queryWait, long query, long idleTransaction, long transaction, long clientIdle) {
  static final TimeLimits NONE = new TimeLimits(0, 0, 0, 0, 0);

  static TimeLimits of(PoolSettings settings) {
    return new TimeLimits(
        settings.queryWaitTimeout().toNanos(),
        settings.queryTimeout().toNanos(),
        settings.idleTransactionTimeout().toNanos(),
        settings.transactionTimeout().toNanos(),
        settings.clientIdleTimeout().toNanos());
  }
}
