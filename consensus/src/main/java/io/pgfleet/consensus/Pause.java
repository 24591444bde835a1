package io.pgfleet.consensus;

import java.time.Duration;

/** The wait between two attempts, so that a connection that fails at once is not hammered. */
final class Pause {
  private static final Duration SHORT = Duration.ofMillis(20);

  private Pause() {}

  static void beforeTryingAgain(Duration remaining) {
    Duration pause = remaining.compareTo(SHORT) < 0 ? remaining : SHORT;
    if (pause.isPositive()) {
      try {
        Thread.sleep(pause);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
