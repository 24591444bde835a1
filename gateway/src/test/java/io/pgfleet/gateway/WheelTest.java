package io.pgfleet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class WheelTest {
  private static final long TICK = 100;

  private final Wheel wheel = new Wheel(TICK, 5_000);
  private final List<Integer> rung = new ArrayList<>();

  @Test
  void anAlarmRingsAtTheFirstTurnAtOrAfterItsMoment() {
    wheel.set(new Wheel.Alarm(() -> rung.add(1)), 5_250);
    wheel.turn(5_249);
    assertThat(rung).isEmpty();
    wheel.turn(5_300);
    assertThat(rung).containsExactly(1);
    assertThat(wheel.size()).isZero();
  }

  @Test
  void aMovedAlarmRingsOnceAndAClearedOneNever() {
    Wheel.Alarm moved = new Wheel.Alarm(() -> rung.add(1));
    Wheel.Alarm cleared = new Wheel.Alarm(() -> rung.add(2));
    wheel.set(moved, 5_200);
    wheel.set(cleared, 5_200);
    wheel.set(moved, 5_600);
    wheel.clear(cleared);
    wheel.turn(5_500);
    assertThat(rung).isEmpty();
    wheel.turn(6_000);
    wheel.turn(500_000);
    assertThat(rung).containsExactly(1);
  }

  @Test
  void anAlarmMayBeSetAgainAndOthersClearedWhileItRings() {
    Wheel.Alarm[] alarms = new Wheel.Alarm[2];
    alarms[1] = new Wheel.Alarm(() -> rung.add(2));
    alarms[0] =
        new Wheel.Alarm(() -> {
          rung.add(1);
          wheel.clear(alarms[1]);
          if (rung.size() < 3) {
            wheel.set(alarms[0], 5_000);
          }
        });
    wheel.set(alarms[0], 5_100);
    wheel.set(alarms[1], 5_100);
    wheel.turn(5_050);
    wheel.turn(5_200);
    wheel.turn(5_300);
    wheel.turn(5_400);
    assertThat(rung.stream().filter(n -> n == 1)).hasSizeGreaterThanOrEqualTo(2);
    assertThat(wheel.size()).isZero();
  }

  @Test
  void manyAlarmsRingNeitherEarlyNorLateOverManyTurns() {
    Random random = new Random(7);
    long[] moments = new long[2_000];
    long[] rungAt = new long[moments.length];
    long[] now = {5_000};
    for (int i = 0; i < moments.length; i++) {
      int number = i;
      moments[i] = 5_000L + random.nextInt(300_000);
      wheel.set(new Wheel.Alarm(() -> rungAt[number] = now[0]), moments[i]);
    }
    while (now[0] < 306_000) {
      now[0] += random.nextInt(250);
      wheel.turn(now[0]);
    }
    for (int i = 0; i < moments.length; i++) {
      assertThat(rungAt[i]).isBetween(moments[i], moments[i] + 250L + TICK);
    }
    assertThat(wheel.size()).isZero();
  }
}
