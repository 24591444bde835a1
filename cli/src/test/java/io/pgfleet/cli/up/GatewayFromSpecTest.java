package io.pgfleet.cli.up;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.gateway.GatewaySettings;
import io.pgfleet.gateway.tls.ServerTlsSettings;
import io.pgfleet.gateway.tls.TlsMode;
import io.pgfleet.spec.FleetFile;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

class GatewayFromSpecTest {
  @Test
  void theGatewaysDefaultsAreThoseOfTheFile() {
    GatewaySettings settings = GatewayFromSpec.settings(FleetFile.defaults().gateway());
    GatewaySettings own =
        GatewaySettings.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 6432));
    assertThat(settings)
        .isEqualTo(
            own.with(draft -> {
              draft.observe =
                  own.observe()
                      .withMetrics(new InetSocketAddress(InetAddress.getLoopbackAddress(), 8432));
              draft.access = own.access().withServerTls(ServerTlsSettings.of(TlsMode.DISABLE));
            }));
  }
}
