package io.pgfleet.backup.base;

import java.time.Duration;

/**
 * What a backup bears with.
 *
 * @param away how long a store may be away before the backup breaks off
 * @param journal how often is written down what was put, so how much work is lost with a process
 */
public record Patience(Duration away, Duration journal) {
  /** That of every backup but those of tests. */
  public static final Patience USUAL = new Patience(Duration.ofMinutes(5), Duration.ofSeconds(20));

  /** Who has written no journal for so long is gone. */
  Duration silence() {
    return journal.multipliedBy(3);
  }
}
