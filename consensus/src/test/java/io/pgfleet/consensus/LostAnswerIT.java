package io.pgfleet.consensus;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgfleet.consensus.AgreementUnavailableException.Outcome;
import io.pgfleet.consensus.FaultProxy.Direction;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("together")
class LostAnswerIT {
  @TempDir Path folder;

  private static byte[] bytes(int number) {
    return Integer.toString(number).getBytes(UTF_8);
  }

  @Test
  void aWriteWhoseAnswerIsLostIsCountedExactlyOnce() throws Exception {
    Duration session = Duration.ofSeconds(20);
    try (Fixture fixture = new Fixture(folder);
        FaultProxy proxy = new FaultProxy(fixture.port());
        Agreement agreement = Fixture.open(proxy.address(), session, Duration.ofSeconds(20));
        Agreement direct = fixture.open()) {
      agreement.create("/count", bytes(0), Lifetime.PERSISTENT);
      AtomicBoolean done = new AtomicBoolean();
      Thread faults = Thread.ofVirtual().start(() -> cutNowAndThen(proxy, done));
      int version = 0;
      for (int i = 1; i <= 600 || faults.isAlive(); i++) {
        version = agreement.compareAndSet("/count", bytes(i), version).version();
        assertThat(version).isEqualTo(i);
        if (i == 600) {
          done.set(true);
        }
      }
      direct.catchUp();
      assertThat(direct.read("/count").orElseThrow().version()).isEqualTo(version);
    }
  }

  private static void cutNowAndThen(FaultProxy proxy, AtomicBoolean done) {
    try {
      for (int i = 0; i < 6 && !(done.get() && i > 3); i++) {
        Thread.sleep(150);
        proxy.freeze(i % 2 == 0 ? Direction.TO_CLIENT : Direction.TO_SERVER);
        Thread.sleep(20);
        proxy.cut();
        proxy.thaw();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void aCallEndsInTimeAndTellsThatItDoesNotKnow() throws Exception {
    try (Fixture fixture = new Fixture(folder);
        FaultProxy proxy = new FaultProxy(fixture.port());
        Agreement agreement =
            Fixture.open(proxy.address(), Duration.ofSeconds(20), Duration.ofSeconds(3));
        Agreement direct = fixture.open()) {
      agreement.create("/doubt", bytes(0), Lifetime.PERSISTENT);
      proxy.freeze(Direction.TO_CLIENT);
      assertThatThrownBy(() -> agreement.compareAndSet("/doubt", bytes(1), 0))
          .isInstanceOfSatisfying(
              AgreementUnavailableException.class,
              e -> assertThat(e.outcome()).isEqualTo(Outcome.UNKNOWN));
      assertThatThrownBy(() -> agreement.compareAndSet("/doubt", bytes(2), 1))
          .isInstanceOfSatisfying(
              AgreementUnavailableException.class,
              e -> assertThat(e.outcome()).isEqualTo(Outcome.NOT_DONE));
      assertThatThrownBy(() -> agreement.read("/doubt"))
          .isInstanceOf(AgreementUnavailableException.class);
      proxy.thaw();
      agreement.catchUp();
      assertThat(agreement.read("/doubt").orElseThrow().data()).isEqualTo(bytes(1));

      proxy.freeze(Direction.TO_SERVER);
      assertThatThrownBy(() -> agreement.compareAndSet("/doubt", bytes(3), 1))
          .isInstanceOf(AgreementUnavailableException.class);
      direct.compareAndSet("/doubt", bytes(4), 1);
      proxy.thaw();
      agreement.catchUp();
      assertThat(agreement.read("/doubt").orElseThrow().data()).isEqualTo(bytes(4));

      proxy.freeze(Direction.TO_CLIENT);
      assertThatThrownBy(agreement::catchUp).isInstanceOf(AgreementUnavailableException.class);
      proxy.thaw();
      agreement.compareAndSet("/doubt", bytes(5), 2);
    }
  }
}
