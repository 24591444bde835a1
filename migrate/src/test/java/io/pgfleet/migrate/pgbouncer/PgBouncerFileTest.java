package io.pgfleet.migrate.pgbouncer;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.migrate.Finding;
import io.pgfleet.migrate.Finding.Verdict;
import io.pgfleet.migrate.Migration;
import io.pgfleet.spec.FleetFile;
import io.pgfleet.spec.FleetSpec;
import io.pgfleet.spec.GatewaySpec;
import io.pgfleet.spec.PoolMode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class PgBouncerFileTest {
  private static String resource(String name) throws IOException {
    try (InputStream in = Migration.class.getResourceAsStream(name)) {
      return new String(
          java.util.Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static Migration migrate(String name) throws IOException {
    return PgBouncerFile.migrate(
        Path.of(name), resource(name), Optional.of(resource("userlist.txt")), 4096);
  }

  private static Migration ofText(String ini) {
    return PgBouncerFile.migrate(Path.of("pgbouncer.ini"), ini, Optional.empty(), 0);
  }

  private static GatewaySpec gateway(Migration migration) throws Exception {
    FleetSpec spec = FleetFile.parse(migration.yaml(), Path.of("fleet.yaml"));
    return spec.gateway();
  }

  private static GatewaySpec.Otherwise of(Map<String, GatewaySpec.Otherwise> all, String name) {
    return Optional.ofNullable(all.get(name)).orElseThrow();
  }

  private static Finding finding(Migration migration, String subject, Verdict verdict) {
    return migration.findings().stream()
        .filter(f -> f.subject().equals(subject) && f.verdict() == verdict)
        .findFirst()
        .orElseThrow(() -> new AssertionError("no finding on " + subject + migration.report()));
  }

  @Test
  void aUsualFileBecomesAValidSection() throws Exception {
    Migration migration = migrate("pgbouncer.ini");
    GatewaySpec gateway = gateway(migration);
    assertThat(gateway.address().host()).isEqualTo("0.0.0.0");
    assertThat(gateway.address().port()).isEqualTo(6432);
    assertThat(gateway.poolMode()).isEqualTo(PoolMode.TRANSACTION);
    assertThat(gateway.limits().maxClientConn()).isEqualTo(1000);
    assertThat(gateway.limits().defaultPoolSize()).isEqualTo(50);
    assertThat(gateway.limits().minPoolSize()).isEqualTo(10);
    assertThat(gateway.limits().reservePoolSize()).isEqualTo(5);
    assertThat(gateway.limits().maxDbConnections()).isEqualTo(100);
    assertThat(gateway.timeouts().reservePool()).isEqualTo(Duration.ofSeconds(3));
    assertThat(gateway.timeouts().idleTransaction()).isEqualTo(Duration.ofMillis(30_500));
    assertThat(gateway.adminUsers()).containsExactly("postgres", "boss");
    assertThat(gateway.statsUsers()).containsExactly("monitor");
    assertThat(gateway.log().connections()).isTrue();
    assertThat(of(gateway.databases(), "app_read").poolSize()).contains(15);
    assertThat(of(gateway.users(), "reports").poolMode()).contains(PoolMode.SESSION);
    assertThat(of(gateway.users(), "reports").maxConnections()).contains(5);
    assertThat(finding(migration, "auth_type", Verdict.WRONG).line()).isEqualTo(14);
    assertThat(finding(migration, "[databases] *", Verdict.NOT_NEEDED).words())
        .contains("every database");
    assertThat(finding(migration, "[databases] app_read dbname", Verdict.LEFT).words())
        .contains("app");
  }

  @Test
  void noPasswordIsEverShown() throws Exception {
    Migration migration = migrate("pgbouncer.ini");
    String all = migration.yaml() + migration.report();
    assertThat(all).doesNotContain("it's secret").doesNotContain("it''s").doesNotContain("hunter2");
    assertThat(all).doesNotContain("d41d8cd98f00").doesNotContain("again\"");
    assertThat(finding(migration, "app", Verdict.WRONG).words()).contains("plain text");
    assertThat(finding(migration, "boss", Verdict.WRONG).words()).contains("md5");
    assertThat(finding(migration, "postgres", Verdict.NOT_NEEDED).words()).contains("PostgreSQL");
  }

  @Test
  void severalHostsAndDefaultsAreTold() throws Exception {
    Migration migration = migrate("pgbouncer-readonly.ini");
    assertThat(gateway(migration).poolMode()).isEqualTo(PoolMode.SESSION);
    assertThat(finding(migration, "[databases] app host", Verdict.LEFT).words())
        .contains("several hosts");
    assertThat(finding(migration, "auth_type", Verdict.NOT_NEEDED)).isNotNull();
  }

  @Test
  void whatIsWrongInAFileIsLeftOutAndToldWithItsLine() throws Exception {
    Migration migration = migrate("pgbouncer-failover.ini");
    GatewaySpec gateway = gateway(migration);
    assertThat(gateway.address().port()).isEqualTo(6432);
    assertThat(finding(migration, "listen_adr", Verdict.WRONG).words())
        .contains("did you mean listen_addr?");
    assertThat(finding(migration, "listen_port", Verdict.WRONG).line()).isEqualTo(5);
    assertThat(finding(migration, "pool_mode", Verdict.WRONG).words()).contains("transactional");
    assertThat(migration.report())
        .contains(
            "pgbouncer-failover.ini:8: wrong: default_pool_size: 'twenty' is not a whole number");
    assertThat(finding(migration, "min_pool_size", Verdict.WRONG).words()).contains("30");
    assertThat(finding(migration, "server_lifetime", Verdict.WRONG).words()).contains("1s");
    assertThat(finding(migration, "max_client_conn", Verdict.WRONG).words()).contains("ulimit");
    assertThat(finding(migration, "auth_type", Verdict.WRONG).words()).contains("believed");
    assertThat(finding(migration, "[databases] app connect_timeout", Verdict.WRONG).words())
        .contains("no such parameter");
  }

  @Test
  void everyLineOfAFileHasAFinding() throws IOException {
    for (String name : java.util.List.of("pgbouncer.ini", "pgbouncer-failover.ini")) {
      Migration migration = migrate(name);
      String[] lines = resource(name).split("\n");
      for (int i = 0; i < lines.length; i++) {
        int number = i + 1;
        if (lines[i].contains("=") && !lines[i].startsWith(";")) {
          boolean told =
              migration.findings().stream()
                  .anyMatch(f -> f.file().endsWith(name) && f.line() == number);
          boolean ofAServer = lines[i].contains("host=");
          assertThat(told || ofAServer).as("%s:%s", name, number).isTrue();
        }
      }
    }
  }

  @Test
  void quotesCommentsAndStraySettingsAreReadAsPgBouncerDoes() throws Exception {
    Migration migration =
        ofText(
            """
            stray = 1
            [databases]
            "a ""b\""" = host='h' pool_size='7'
            broken = host='h
            ; comment = 1
            # comment = 2
            [pgbouncer]
              listen_port=7000
            not a setting
            [nowhere]
            x = 1
            """);
    assertThat(gateway(migration).address().port()).isEqualTo(7000);
    assertThat(gateway(migration).databases()).containsKey("a \"b\"");
    assertThat(finding(migration, "stray", Verdict.WRONG).line()).isEqualTo(1);
    assertThat(finding(migration, "[databases] broken", Verdict.WRONG).words()).contains("closed");
    assertThat(finding(migration, "not", Verdict.WRONG).line()).isEqualTo(9);
    assertThat(finding(migration, "x", Verdict.WRONG).words()).contains("no section");
  }

  @Test
  void defaultsThatDifferFromPgfleetsAreWrittenDown() throws Exception {
    GatewaySpec gateway = gateway(ofText("[pgbouncer]\n"));
    assertThat(gateway.poolMode()).isEqualTo(PoolMode.SESSION);
    assertThat(gateway.limits().maxClientConn()).isEqualTo(100);
  }

  @Test
  void noiseBecomesAValidFileAndAReport() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    java.util.List<String> pieces = new java.util.ArrayList<>(Rules.GENERAL.keySet());
    pieces.addAll(
        java.util.List.of(
            "[pgbouncer]\n",
            "[databases]\n",
            "[users]\n",
            "[peers]\n",
            "=",
            " = ",
            "\n",
            "'",
            "\"",
            "0",
            "1",
            "99999999999",
            "-1",
            "1.5",
            "*",
            "host=",
            "pool_size=3",
            "é",
            "\u0000",
            ";",
            "#",
            "a b",
            "%include x\n",
            "[",
            "]",
            "scram-sha-256",
            "require",
            "/x.pem",
            "yes"));
    for (int i = 0; i < 1_500; i++) {
      StringBuilder text = new StringBuilder("[pgbouncer]\n");
      for (int n = random.nextInt(40); n > 0; n--) {
        text.append(pieces.get(random.nextInt(pieces.size())));
        if (random.nextInt(3) == 0) {
          text.append(" = ").append(pieces.get(random.nextInt(pieces.size()))).append('\n');
        }
      }
      Migration migration = ofText(text.toString());
      try {
        FleetFile.parse(migration.yaml(), Path.of("fleet.yaml"));
      } catch (io.pgfleet.spec.SpecException e) {
        throw new AssertionError("seed " + seed + ":\n" + text + "\n" + migration.yaml(), e);
      }
      assertThat(migration.report()).isNotEmpty();
    }
  }
}
