package io.pgfleet.gateway;

import io.pgfleet.gateway.observe.Account;
import io.pgfleet.gateway.observe.Figures;
import java.time.Duration;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Figures of some time ago, to take averages from: of one to two periods, as PgBouncer does, so
 * that a question just after a period's end has something to divide by. Safe from any thread.
 */
final class Averages {
  /** How often figures are taken. */
  static final Duration PERIOD = Duration.ofSeconds(60);

  /** Figures, and how old they are. */
  record Before(Map<Account, Figures> figures, Duration ago) {}

  private record Sample(Map<Account, Figures> figures, long at) {}

  private final LongSupplier ticker;
  private Sample older;
  private Sample newer;

  Averages(LongSupplier ticker) {
    this.ticker = ticker;
    this.newer = new Sample(Map.of(), ticker.getAsLong());
    this.older = newer;
  }

  synchronized void take(Map<Account, Figures> figures) {
    older = newer;
    newer = new Sample(Map.copyOf(figures), ticker.getAsLong());
  }

  synchronized Before before() {
    return new Before(older.figures(), Duration.ofNanos(ticker.getAsLong() - older.at()));
  }
}
