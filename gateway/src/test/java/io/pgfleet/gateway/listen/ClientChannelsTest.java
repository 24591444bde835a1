package io.pgfleet.gateway.listen;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.gateway.listen.ClientChannels.Subscription;
import org.junit.jupiter.api.Test;

final class ClientChannelsTest {
  private final ClientChannels channels = new ClientChannels(1000);

  private void send(String text, int segment) {
    channels.sends(ListenText.parse(text).orElseThrow(), segment);
  }

  @Test
  void aListenCountsOnceItsTransactionIsCommitted() {
    send("LISTEN a", 0);
    assertThat(channels.completed("UNLISTEN")).isEqualTo("LISTEN");
    channels.ready(0, true);
    assertThat(channels.channels()).isEmpty();
    channels.completed("COMMIT");
    channels.ready(1, false);
    assertThat(channels.channels()).containsExactly("a");
  }

  @Test
  void aRollbackAnErrorAndALostServerUndoIt() {
    send("LISTEN a", 0);
    channels.completed("UNLISTEN");
    channels.ready(0, true);
    channels.completed("ROLLBACK");
    channels.ready(1, false);
    assertThat(channels.channels()).isEmpty();

    send("LISTEN b", 2);
    channels.failed(2);
    channels.ready(2, false);
    assertThat(channels.channels()).isEmpty();

    send("LISTEN c", 3);
    channels.completed("UNLISTEN");
    channels.lost();
    channels.ready(3, false);
    assertThat(channels.channels()).isEmpty();
  }

  @Test
  void anErrorInOnePartOfAPipelineLeavesTheNext() {
    send("LISTEN a", 0);
    send("LISTEN b", 1);
    channels.failed(0);
    channels.ready(0, false);
    assertThat(channels.completed("UNLISTEN")).isEqualTo("LISTEN");
    channels.ready(1, false);
    assertThat(channels.channels()).containsExactly("b");
  }

  @Test
  void tagsOfOwnUnlistensStay() {
    send("LISTEN a; UNLISTEN a; LISTEN b", 0);
    assertThat(channels.completed("UNLISTEN")).isEqualTo("LISTEN");
    assertThat(channels.completed("UNLISTEN")).isEqualTo("UNLISTEN");
    assertThat(channels.completed("UNLISTEN")).isEqualTo("LISTEN");
    assertThat(channels.completed("UNLISTEN")).isEqualTo("UNLISTEN");
    channels.ready(0, false);
    assertThat(channels.channels()).containsExactly("b");
  }

  @Test
  void subscriptionsThatNothingNeedsAreGivenUp() {
    channels.subscription("a", Subscription.LISTENING);
    channels.subscription("b", Subscription.REFUSED);
    send("LISTEN a", 0);
    assertThat(channels.surplus()).isEmpty();
    channels.completed("UNLISTEN");
    channels.ready(0, false);
    assertThat(channels.surplus()).isEmpty();
    send("UNLISTEN *", 1);
    channels.completed("UNLISTEN");
    channels.ready(1, false);
    assertThat(channels.surplus()).containsExactly("a");
    assertThat(channels.isEmpty()).isTrue();
  }

  @Test
  void onlyWhatCountsIsDeliveredAndOnlySoMuchWaits() {
    channels.offer("a", new byte[10]);
    assertThat(channels.next()).isNull();
    send("LISTEN a", 0);
    channels.completed("UNLISTEN");
    channels.ready(0, false);
    byte[] message = new byte[500];
    assertThat(channels.offer("a", message)).isTrue();
    assertThat(channels.offer("a", new byte[500])).isFalse();
    assertThat(channels.next()).isSameAs(message);
  }
}
