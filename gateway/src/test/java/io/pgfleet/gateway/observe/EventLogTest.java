package io.pgfleet.gateway.observe;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class EventLogTest {
  private static final Event.Who WHO = new Event.Who(1, "app", "joe", "127.0.0.1:1");

  @Test
  void whatDoesNotFitIsDroppedAndCountedAndNobodyWaits() {
    EventLog log = new EventLog();
    for (int i = 0; i < 10_000; i++) {
      log.offer(new Event.Connected(WHO, "psql"));
    }
    assertThat(log.dropped()).isEqualTo(10_000 - 4_096);
    log.start();
    log.close();
    assertThat(log.written()).isEqualTo(4_096);
  }

  @Test
  void aNameCannotForgeALine() {
    Event.Who evil = new Event.Who(1, "a\nslow statement", "j\"oe\u0000", "127.0.0.1:1");
    assertThat(new Event.Disconnected(evil, "left\r\nhere", Duration.ofSeconds(1)).line())
        .doesNotContain("\n")
        .doesNotContain("\r")
        .contains("user=\"j\\\"oe \"")
        .contains("after=1.000000s");
  }
}
