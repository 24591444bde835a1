package io.pgfleet.consensus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ServersInOrderTest {
  private static int port(ServersInOrder servers) {
    return servers.next(0).getPort();
  }

  @Test
  void eachLossBeginsWithTheFirst() {
    ServersInOrder servers = new ServersInOrder("127.0.0.1:1,127.0.0.1:2,127.0.0.1:3");
    assertThat(servers.size()).isEqualTo(3);
    assertThat(port(servers)).isEqualTo(1);
    assertThat(port(servers)).isEqualTo(2);
    servers.onConnected();
    assertThat(port(servers)).isEqualTo(1);
    assertThat(port(servers)).isEqualTo(2);
    assertThat(port(servers)).isEqualTo(3);
    assertThat(port(servers)).isEqualTo(1);
  }

  @Test
  void otherServersMayTakeTheirPlace() {
    ServersInOrder servers = new ServersInOrder("127.0.0.1:1,127.0.0.1:2");
    InetSocketAddress kept = InetSocketAddress.createUnresolved("127.0.0.1", 1);
    assertThat(
            servers.updateServerList(
                List.of(kept, InetSocketAddress.createUnresolved("127.0.0.1", 9)), kept))
        .isFalse();
    assertThat(port(servers)).isEqualTo(1);
    assertThat(port(servers)).isEqualTo(9);
    assertThat(
            servers.updateServerList(
                List.of(InetSocketAddress.createUnresolved("127.0.0.1", 8)), kept))
        .isTrue();
    assertThat(port(servers)).isEqualTo(8);
  }

  @Test
  void oneOfTheServersGoesFirst() {
    AgreementSettings settings =
        AgreementSettings.ownServers("a:1,b:2,c:3", "secret", Duration.ofSeconds(3));
    assertThat(settings.inOrder()).isFalse();
    assertThat(settings.withFirst("b:2").servers()).isEqualTo("b:2,a:1,c:3");
    assertThat(settings.withFirst("b:2").inOrder()).isTrue();
    assertThatThrownBy(() -> settings.withFirst("d:4"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("none of");
  }
}
