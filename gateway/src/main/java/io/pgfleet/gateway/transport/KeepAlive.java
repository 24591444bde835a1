package io.pgfleet.gateway.transport;

import java.time.Duration;
import java.util.Optional;

/**
 * How the kernel finds out that the other end of a TCP connection is gone.
 *
 * @param on whether it asks at all
 * @param idle silence before it asks; empty leaves it to the system
 * @param interval between questions that get no answer
 * @param count of unanswered questions that end the connection
 */
public record KeepAlive(
    boolean on, Optional<Duration> idle, Optional<Duration> interval, Optional<Integer> count) {
  /** Asked, when and how often as the system says. */
  public static final KeepAlive SYSTEM =
      new KeepAlive(true, Optional.empty(), Optional.empty(), Optional.empty());

  public KeepAlive {
    if (idle.filter(KeepAlive::tooShort).isPresent()
        || interval.filter(KeepAlive::tooShort).isPresent()) {
      throw new IllegalArgumentException("times of TCP keepalive are at least one second");
    }
    if (count.filter(n -> n < 1).isPresent()) {
      throw new IllegalArgumentException("the count of TCP keepalive is at least 1");
    }
  }

  private static boolean tooShort(Duration time) {
    return time.compareTo(Duration.ofSeconds(1)) < 0;
  }
}
