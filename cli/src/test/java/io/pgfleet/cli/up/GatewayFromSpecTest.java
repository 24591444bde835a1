package io.pgfleet.cli.up;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.gateway.GatewaySettings;
import io.pgfleet.spec.FleetFile;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class GatewayFromSpecTest {
  @Test
  void theGatewaysDefaultsAreThoseOfTheFile() {
    GatewaySettings settings = GatewayFromSpec.settings(FleetFile.defaults().gateway());
    assertThat(settings.metrics()).contains(new InetSocketAddress("127.0.0.1", 8432));
    assertThat(settings.with(draft -> draft.metrics = Optional.empty()))
        .isEqualTo(GatewaySettings.of(new InetSocketAddress("127.0.0.1", 6432)));
  }
}
