package io.pgfleet.backup.keep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgfleet.backup.base.Manifest;
import io.pgfleet.wire.Lsn;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RetentionTest {
  private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");

  /** One a day, the newest a day old. */
  private static final List<Manifest> DAILY =
      IntStream.rangeClosed(1, 10)
          .mapToObj(i -> backup(NOW.minus(Duration.ofDays(11L - i))))
          .toList();

  private static Manifest backup(Instant ended) {
    return new Manifest(
        1,
        ended.toString(),
        7,
        "18.6",
        "n1",
        1,
        Lsn.ZERO,
        Lsn.ZERO,
        1,
        ended,
        ended,
        0,
        0,
        List.of(),
        List.of(),
        List.of(),
        0,
        List.of(),
        Optional.empty(),
        Optional.empty());
  }

  private static int kept(Retention retention) {
    List<Manifest> expired = retention.expired(DAILY, NOW);
    assertThat(expired).isEqualTo(DAILY.subList(0, expired.size()));
    return DAILY.size() - expired.size();
  }

  @Test
  void eachRuleKeepsWhatItSaysAndTheWidestWins() {
    Optional<Integer> three = Optional.of(3);
    Optional<Duration> days = Optional.of(Duration.ofDays(5).plusHours(1));
    assertThat(kept(Retention.ALL)).isEqualTo(10);
    assertThat(kept(new Retention(three, Optional.empty(), Optional.empty()))).isEqualTo(3);
    assertThat(kept(new Retention(Optional.empty(), days, Optional.empty()))).isEqualTo(5);
    // The sixth is needed for the hour before the fifth was whole.
    assertThat(kept(new Retention(Optional.empty(), Optional.empty(), days))).isEqualTo(6);
    assertThat(kept(new Retention(three, days, Optional.empty()))).isEqualTo(5);
  }

  @Test
  void theNewestIsKeptHoweverOldItIs() {
    Optional<Duration> hour = Optional.of(Duration.ofHours(1));
    assertThat(kept(new Retention(Optional.empty(), hour, Optional.empty()))).isEqualTo(1);
    assertThat(kept(new Retention(Optional.empty(), Optional.empty(), hour))).isEqualTo(1);
    assertThat(new Retention(Optional.of(1), hour, hour).expired(List.of(), NOW)).isEmpty();
    assertThatThrownBy(() -> new Retention(Optional.of(0), hour, hour))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static List<Integer> expired(Retention retention, Predicate<Manifest> usable) {
    return retention.expired(DAILY, usable, NOW).stream().map(DAILY::indexOf).toList();
  }

  @Test
  void whatNoRestoreCanBeginWithDoesNotCount() {
    Optional<Integer> three = Optional.of(3);
    Optional<Duration> days = Optional.of(Duration.ofDays(4).plusHours(1));
    Predicate<Manifest> even = backup -> DAILY.indexOf(backup) % 2 == 0;
    // 4, 6 and 8 are the newest three that count.
    assertThat(expired(new Retention(three, Optional.empty(), Optional.empty()), even))
        .containsExactly(0, 1, 2, 3);
    // 4 is the newest before the window; 5 is before it, too, and of no use.
    assertThat(expired(new Retention(Optional.empty(), Optional.empty(), days), even))
        .containsExactly(0, 1, 2, 3, 5);
    // 6 to 9 are young, whether they count or not.
    assertThat(expired(new Retention(Optional.of(1), days, Optional.empty()), even))
        .containsExactly(0, 1, 2, 3, 4, 5);
    assertThat(new Retention(three, days, days).expired(DAILY, _ -> false, NOW)).isEmpty();
  }
}
