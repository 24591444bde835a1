package io.pgfleet.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.agent.decide.LocalServer;
import io.pgfleet.spec.Durability;
import io.pgfleet.spec.GroupName;
import io.pgfleet.spec.GroupSpec;
import io.pgfleet.spec.HostPort;
import io.pgfleet.spec.NodeName;
import io.pgfleet.spec.NodeSpec;
import io.pgfleet.spec.setting.Time;
import io.pgfleet.wire.Lsn;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** What is said of delayed nodes, and done for them. */
class DelayTest {
  private static NodeSpec node(String name, Duration delay) {
    HostPort address = new HostPort("127.0.0.1", 5441);
    boolean late = !delay.isZero();
    return new NodeSpec(
        new NodeName(name),
        address,
        "local",
        Optional.empty(),
        Optional.empty(),
        address,
        late,
        late,
        delay,
        Optional.empty());
  }

  private static String note(boolean receiving, boolean held, OptionalLong behind) {
    return Delay.note(
        node("b", Duration.ofHours(1)),
        new LocalServer.Standby(7, 1, new Lsn(1), Optional.empty(), receiving, false, held, behind),
        "connecting to a");
  }

  @Test
  void aStatusSaysHowOldItIsAndWhetherItReceives() {
    assertThat(note(true, true, OptionalLong.of(3_500)))
        .isEqualTo("delayed 1h, behind 58m")
        .matches(Delay::isKept);
    assertThat(note(true, true, OptionalLong.empty())).isEqualTo("delayed 1h");
    assertThat(note(false, true, OptionalLong.of(59)))
        .isEqualTo("delayed 1h, behind 59s, receives more once it has applied what it has")
        .matches(Delay::isKept);
    assertThat(note(false, false, OptionalLong.of(3_660)))
        .isEqualTo("connecting to a")
        .matches(note -> !Delay.isKept(note));
    assertThat(Time.inWholeUnits(Duration.ofMinutes(90))).isEqualTo("90m");
    assertThat(Time.inWholeUnits(Duration.ofMillis(1_500))).isEqualTo("1500ms");
    assertThat(Delay.shown(Duration.ofDays(2))).isEqualTo("2d");
  }

  @Test
  void thePrimaryCommitsOftenEnoughForTheShortestDelay() {
    assertThat(interval(Duration.ZERO, Duration.ZERO)).isEmpty();
    assertThat(interval(Duration.ZERO, Duration.ofHours(1))).contains(Duration.ofSeconds(10));
    assertThat(interval(Duration.ofDays(1), Duration.ofSeconds(20)))
        .contains(Duration.ofSeconds(2));
    assertThat(interval(Duration.ofSeconds(1), Duration.ZERO)).contains(Duration.ofMillis(500));
  }

  private static Optional<Duration> interval(Duration one, Duration other) {
    return Heartbeat.interval(
        new GroupSpec(
            new GroupName("main"),
            Durability.ASYNC,
            0,
            List.of(node("a", Duration.ZERO), node("b", one), node("c", other))));
  }
}
