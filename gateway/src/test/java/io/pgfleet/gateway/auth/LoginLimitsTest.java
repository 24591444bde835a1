package io.pgfleet.gateway.auth;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.gateway.transport.Network;
import java.net.InetAddress;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class LoginLimitsTest {
  private final AtomicLong clock = new AtomicLong();
  private final LoginLimits limits = new LoginLimits(clock::get);
  private final AuthSettings settings = AuthSettings.DEFAULT.withFailures(3, 6);

  private static InetAddress address(String text) {
    return Network.numeric(text).orElseThrow();
  }

  @Test
  void anAddressThatFailsTooOftenWaitsAndOthersDoNot() {
    for (int i = 0; i < 3; i++) {
      assertThat(limits.allows(address("10.0.0.1"), settings)).isTrue();
      limits.failed(address("10.0.0.1"), settings);
    }
    assertThat(limits.allows(address("10.0.0.1"), settings)).isFalse();
    assertThat(limits.allows(address("10.0.0.2"), settings)).isTrue();
    clock.addAndGet(Duration.ofSeconds(11).toNanos());
    assertThat(limits.allows(address("10.0.0.1"), settings)).isTrue();
    limits.failed(address("10.0.0.1"), settings);
    assertThat(limits.allows(address("10.0.0.1"), settings)).isFalse();
  }

  @Test
  void aSubscriberOfIpv6CountsOnce() {
    for (int i = 0; i < 3; i++) {
      limits.failed(address("2001:db8:1:2::" + i), settings);
    }
    assertThat(limits.allows(address("2001:db8:1:2:ffff::9"), settings)).isFalse();
    assertThat(limits.allows(address("2001:db8:1:3::1"), settings)).isTrue();
  }

  @Test
  void zeroIsNoLimit() {
    AuthSettings free = AuthSettings.DEFAULT.withFailures(0, 1);
    for (int i = 0; i < 1000; i++) {
      limits.failed(address("10.0.0.1"), free);
    }
    assertThat(limits.allows(address("10.0.0.1"), free)).isTrue();
  }
}
