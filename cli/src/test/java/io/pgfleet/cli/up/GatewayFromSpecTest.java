package io.pgfleet.cli.up;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.gateway.CommitRules;
import io.pgfleet.gateway.GatewaySettings;
import io.pgfleet.gateway.tls.ServerTlsSettings;
import io.pgfleet.gateway.tls.TlsMode;
import io.pgfleet.spec.FleetFile;
import io.pgfleet.spec.SpecException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
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

  @Test
  void onlyNamedUsersMayLowerTheWaitWhereCommitsWait() throws SpecException {
    Path file = Path.of("fleet.yaml");
    for (String durability : List.of("quorum", "strict")) {
      String text =
          "groups: { main: { durability: %s } }\ngateway: { async_commit_users: [batch] }"
              .formatted(durability);
      assertThat(GatewayFromSpec.settings(FleetFile.parse(text, file)).commits())
          .isEqualTo(new CommitRules(true, Set.of("batch")));
    }
    String text = "groups: { main: { durability: async } }";
    assertThat(GatewayFromSpec.settings(FleetFile.parse(text, file)).commits())
        .isEqualTo(CommitRules.NONE);
  }
}
