package io.pgfleet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.gateway.Exchange.Owed;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ExchangeTest {
  private final Exchange exchange = new Exchange();
  private final List<Owed> undone = new ArrayList<>();

  private void fail() {
    exchange.failed((owed, named, statement) -> undone.add(owed));
  }

  @Test
  void passedMessagesTakeOneEntryHoweverMany() {
    for (int i = 0; i < 100_000; i++) {
      exchange.pass();
    }
    exchange.sync();
    assertThat(exchange.size()).isEqualTo(2);
    for (int i = 0; i < 100_000; i++) {
      assertThat(exchange.next()).isEqualTo(Owed.PASS);
      exchange.answered();
    }
    assertThat(exchange.next()).isEqualTo(Owed.SYNC);
    exchange.answered();
    assertThat(exchange.isEmpty()).isTrue();
    assertThat(exchange.readies()).isZero();
  }

  @Test
  void aFailureDropsUpToTheSyncTheLastFirst() {
    exchange.extended(Owed.PARSE, null, null);
    exchange.pass();
    exchange.query();
    exchange.extended(Owed.LOCAL_CLOSE, null, null);
    exchange.sync();
    exchange.pass();
    exchange.sync();
    fail();
    assertThat(undone).containsExactly(Owed.LOCAL_CLOSE, Owed.QUERY, Owed.PASS, Owed.PARSE);
    assertThat(exchange.next()).isEqualTo(Owed.SYNC);
    assertThat(exchange.readies()).isEqualTo(2);
  }

  @Test
  void aFailureBeforeTheSyncIsSentDropsAllAndWaits() {
    exchange.pass();
    fail();
    assertThat(exchange.isEmpty()).isTrue();
    assertThat(exchange.unsynced()).isTrue();
    assertThat(exchange.skips()).isTrue();
    exchange.sync();
    assertThat(exchange.unsynced()).isFalse();
    assertThat(exchange.skips()).isFalse();
  }

  @Test
  void aQueryBehindAFailureIsIgnoredAndTheServerGoesOnSkipping() {
    exchange.pass();
    exchange.query();
    assertThat(exchange.unsynced()).isFalse();
    fail();
    assertThat(exchange.isEmpty()).isTrue();
    assertThat(exchange.unsynced()).isTrue();
    assertThat(exchange.skips()).isTrue();
  }

  @Test
  void syncsSentIntoACopyAreNotAnsweredTillItsEnd() {
    exchange.pass();
    exchange.sync();
    exchange.copyEnd();
    exchange.sync();
    exchange.copyInBegan();
    assertThat(exchange.readies()).isEqualTo(1);
    assertThat(exchange.next()).isEqualTo(Owed.PASS);
    exchange.answered();
    assertThat(exchange.next()).isEqualTo(Owed.COPY_END);
    exchange.answered();
    assertThat(exchange.next()).isEqualTo(Owed.SYNC);
    assertThat(exchange.unsynced()).isFalse();
  }

  @Test
  void theRingGrowsInOrder() {
    for (int round = 0; round < 5; round++) {
      exchange.query();
      exchange.answered();
    }
    for (int i = 0; i < 50; i++) {
      exchange.pass();
      exchange.sync();
    }
    for (int i = 0; i < 50; i++) {
      assertThat(exchange.next()).isEqualTo(Owed.PASS);
      exchange.answered();
      assertThat(exchange.next()).isEqualTo(Owed.SYNC);
      exchange.answered();
    }
    assertThat(exchange.next()).isNull();
  }
}
