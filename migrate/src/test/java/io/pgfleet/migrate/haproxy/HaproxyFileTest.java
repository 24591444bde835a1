package io.pgfleet.migrate.haproxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.migrate.Finding;
import io.pgfleet.migrate.Finding.Verdict;
import io.pgfleet.migrate.Migration;
import io.pgfleet.spec.FleetFile;
import io.pgfleet.spec.FleetSpec;
import io.pgfleet.spec.GatewaySpec;
import io.pgfleet.spec.NodeSpec;
import io.pgfleet.spec.SpecException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class HaproxyFileTest {
  private static Migration ofText(String text) {
    return HaproxyFile.migrate(Path.of("haproxy.cfg"), text);
  }

  private static Migration example() throws IOException {
    try (InputStream in = Migration.class.getResourceAsStream("haproxy.cfg")) {
      return ofText(
          new String(java.util.Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  private static Finding finding(Migration migration, String subject, Verdict verdict) {
    return migration.findings().stream()
        .filter(f -> f.subject().equals(subject) && f.verdict() == verdict)
        .findFirst()
        .orElseThrow(() -> new AssertionError("no finding on " + subject + migration.report()));
  }

  @Test
  void theUsualPairOfPortsBecomesOneGatewayAndItsNodes() throws Exception {
    Migration migration = example();
    FleetSpec spec = FleetFile.parse(migration.yaml(), Path.of("fleet.yaml"));
    GatewaySpec gateway = spec.gateway();
    assertThat(gateway.address().port()).isEqualTo(5432);
    assertThat(gateway.address().host()).isEqualTo("0.0.0.0");
    assertThat(gateway.limits().maxClientConn()).isEqualTo(4000);
    assertThat(gateway.timeouts().clientIdle()).isEqualTo(Duration.ofMinutes(30));
    assertThat(gateway.timeouts().serverConnect()).isEqualTo(Duration.ofSeconds(4));
    List<NodeSpec> nodes = spec.groups().getFirst().nodes();
    assertThat(nodes)
        .extracting(node -> node.name().value())
        .containsExactly("pg_1", "pg_2", "pg_3");
    assertThat(nodes.getFirst().address().host()).isEqualTo("10.0.0.1");
    assertThat(finding(migration, "listen postgres_read: bind *:5433", Verdict.LEFT).words())
        .contains("standbys");
    assertThat(finding(migration, "option httpchk OPTIONS /primary", Verdict.NOT_NEEDED).words())
        .contains("Patroni");
    assertThat(finding(migration, "option pgsql-check", Verdict.NOT_NEEDED)).isNotNull();
    assertThat(finding(migration, "listen stats", Verdict.NOT_NEEDED).line()).isEqualTo(16);
    assertThat(finding(migration, "frontend web", Verdict.LEFT).words()).contains("mode http");
    assertThat(finding(migration, "backend web", Verdict.LEFT)).isNotNull();
  }

  @Test
  void tlsAtTheBindIsTlsOfTheGateway() throws Exception {
    Migration migration =
        ofText(
            """
            frontend pg
              mode tcp
              bind :5432 ssl crt '/etc/my certs/pg.pem' ca-file /ca.pem verify required accept-proxy
              default_backend pg
            backend pg
              mode tcp
              server a 10.0.0.1:5432 ssl verify required ca-file /s.pem
            """);
    GatewaySpec gateway = FleetFile.parse(migration.yaml(), Path.of("fleet.yaml")).gateway();
    assertThat(gateway.serverTls().mode()).isEqualTo(GatewaySpec.TlsMode.VERIFY_CA);
    assertThat(finding(migration, "frontend pg: bind :5432 ssl", Verdict.MAPPED).words())
        .isEqualTo("gateway.tls.mode: verify-ca");
    assertThat(finding(migration, "frontend pg: bind :5432 crt", Verdict.MAPPED).words())
        .endsWith("/etc/my certs/pg.pem");
    // the files are on another machine perhaps, but a fleet.yaml must be valid here
    assertThat(finding(migration, "gateway.tls.certificate", Verdict.WRONG).words())
        .contains("no such file");
    assertThat(finding(migration, "frontend pg: bind :5432 accept-proxy", Verdict.LEFT))
        .isNotNull();
  }

  @Test
  void wrongLinesAreToldWithTheirNumber() throws Exception {
    Migration migration =
        ofText(
            """
            listen postgres
              mode tcp
              bind *
              maxconn many
              timeout client soon
              server only
            """);
    FleetFile.parse(migration.yaml(), Path.of("fleet.yaml"));
    assertThat(migration.findings().stream().filter(f -> f.verdict() == Verdict.WRONG))
        .extracting(Finding::line)
        .containsExactly(3, 4, 5, 6);
  }

  @Test
  void noiseBecomesAValidFileAndAReport() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    List<String> pieces =
        List.of(
            "listen postgres\n",
            "global\n",
            "defaults\n",
            "backend pg\n",
            "frontend pg\n",
            "bind ",
            "server ",
            "a ",
            "*:5432 ",
            "10.0.0.1:5432 ",
            ":99999 ",
            "mode tcp\n",
            "timeout ",
            "client ",
            "30s\n",
            "1us\n",
            "maxconn ",
            "5\n",
            "99999999\n",
            "ssl ",
            "crt ",
            "/x ",
            "'",
            "\"",
            "\\",
            "#",
            "\n",
            "option ",
            "httpchk\n",
            "tcpka\n",
            "check ",
            "é ",
            "\u0000 ");
    for (int i = 0; i < 1_500; i++) {
      StringBuilder text = new StringBuilder();
      for (int n = random.nextInt(50); n > 0; n--) {
        text.append(pieces.get(random.nextInt(pieces.size())));
      }
      Migration migration = ofText(text.toString());
      try {
        FleetFile.parse(migration.yaml(), Path.of("fleet.yaml"));
      } catch (SpecException e) {
        throw new AssertionError("seed " + seed + ":\n" + text + "\n" + migration.yaml(), e);
      }
    }
  }
}
