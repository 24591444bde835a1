package io.pgfleet.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgfleet.postgres.host.ServerException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsFileTest {
  private static final Path FOLDER = Path.of("/srv/data");
  private static final Path PASSWORDS = Path.of("/srv/it's/.pgpass");
  private static final Path TLS = Path.of("/srv/.data.tls");
  private static final Optional<ServerTls> FILES =
      Optional.of(new ServerTls(Path.of("c"), Path.of("k"), Path.of("a")));
  private static final ServerConfig PLAIN = ServerConfig.loopback(5433);

  private static ServerConfig withNetworks(String... networks) {
    return new ServerConfig(
        5433,
        List.of("*"),
        List.of(networks),
        Optional.empty(),
        new Role.Primary(),
        Map.of(),
        Map.of());
  }

  @Test
  void a_value_can_not_break_out_of_its_quotes() {
    assertThat(SettingsFile.quote("it's")).isEqualTo("'it''s'");
    assertThat(SettingsFile.quote("a\\'b")).isEqualTo("'a\\\\''b'");
    assertThat(SettingsFile.quote("x'\nport = 1\r#")).isEqualTo("'x''\\nport = 1\\r#'");
    ServerConfig config = PLAIN.withUserSettings(Map.of("a.b", "x\nport = 1"));
    assertThat(SettingsFile.text(config, FOLDER, PASSWORDS, TLS).lines())
        .contains("a.b = 'x\\nport = 1'", "port = '5433'")
        .doesNotContain("port = 1");
  }

  @Test
  void a_users_setting_replaces_a_default_and_ours_replace_the_users() {
    ServerConfig config =
        PLAIN
            .withUserSettings(Map.of("wal_level", "logical", "archive_mode", "off"))
            .withOwnSettings(Map.of("archive_mode", "on"));
    assertThat(SettingsFile.text(config, FOLDER, PASSWORDS, TLS).lines())
        .contains("wal_level = 'logical'", "archive_mode = 'on'")
        .doesNotContain("wal_level = 'replica'", "archive_mode = 'off'");
    assertThat(SettingsFile.owned(config))
        .contains("archive_mode", "port")
        .doesNotContain("work_mem");
  }

  @Test
  void into_a_paused_recovery_leads_only_its_socket() {
    ServerConfig config =
        withNetworks("samenet")
            .withSocketFolder(Path.of("/tmp/private"))
            .withRole(new Role.Paused(Map.of("recovery_target_action", "pause")));
    assertThat(SettingsFile.text(config, FOLDER, PASSWORDS, TLS).lines())
        .contains(
            "listen_addresses = ''",
            "unix_socket_directories = '/tmp/private'",
            "hot_standby = 'on'",
            "recovery_target_action = 'pause'");
    assertThat(SettingsFile.hostBasedAuthentication(config).lines().skip(1))
        .containsExactly("local all all trust");
    assertThat(SettingsFile.hostBasedAuthentication(config.withRole(new Role.Primary())).lines())
        .noneMatch(line -> line.contains("trust"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"port", "PORT", "hba_file", "primary_conninfo", "a b", "x=1", "", "1a"})
  void settings_that_are_not_the_users_to_set_are_refused(String name) {
    assertThatThrownBy(() -> PLAIN.withUserSettings(Map.of(name, "1")))
        .isInstanceOf(ServerException.class);
  }

  @Test
  void a_standby_names_its_upstream_and_not_its_password() {
    Upstream upstream =
        new Upstream("db'1", 5432, "rep\\licator", "a:b\\c", "node 1", Optional.of("node_1"));
    ServerConfig config = PLAIN.withRole(new Role.Standby(Optional.of(upstream)));
    String text = SettingsFile.text(config, FOLDER, PASSWORDS, TLS);
    assertThat(text)
        .contains("host=''db\\\\''1''", "primary_slot_name = 'node_1'")
        .contains("passfile=''/srv/it\\\\''s/.pgpass''")
        .doesNotContain("a:b");
    assertThat(SettingsFile.passwordLine(upstream)).isEqualTo("*:*:*:rep\\\\licator:a\\:b\\\\c\n");
    assertThat(config.toString()).doesNotContain("a:b");
  }

  @Test
  void every_line_of_hba_asks_for_a_password() {
    String text = SettingsFile.hostBasedAuthentication(withNetworks("10.0.0.0/8", "samenet"));
    List<String> rules = text.lines().filter(line -> !line.startsWith("#")).toList();
    assertThat(rules)
        .hasSize(8)
        .allSatisfy(line -> assertThat(line).startsWith("host ").endsWith(" scram-sha-256"));
    assertThat(rules).contains("host replication all 10.0.0.0/8 scram-sha-256");
  }

  @Test
  void with_certificates_other_machines_speak_tls_and_standbys_show_theirs() {
    String rules = SettingsFile.hostBasedAuthentication(withNetworks("all").withTls(FILES));
    assertThat(rules.lines().filter(line -> line.startsWith("host ")))
        .allMatch(line -> line.contains(" 127.0.0.1/32 ") || line.contains(" ::1/128 "));
    assertThat(rules.lines())
        .contains(
            "hostssl all all all scram-sha-256",
            "hostssl replication all all scram-sha-256 clientcert=verify-ca");
    Upstream upstream = new Upstream("db1", 5432, "r", "x", "n1", Optional.empty());
    ServerConfig standby = PLAIN.withRole(new Role.Standby(Optional.of(upstream))).withTls(FILES);
    assertThat(SettingsFile.text(standby, FOLDER, PASSWORDS, TLS))
        .contains("ssl = 'on'", "ssl_key_file = '/srv/.data.tls/host.key'")
        .contains("sslmode=''verify-full'' sslrootcert=''/srv/.data.tls/ca.crt''")
        .contains("sslcert=''/srv/.data.tls/host.crt'' sslkey=''/srv/.data.tls/host.key''");
    assertThat(SettingsFile.owned(standby)).contains("ssl", "ssl_ca_file");
  }

  @ParameterizedTest
  @ValueSource(strings = {"10.0.0.0", "0.0.0.0/0 trust", "all trust\nhost", "example.org", ""})
  void what_is_no_network_is_refused(String network) {
    assertThatThrownBy(() -> withNetworks(network)).isInstanceOf(ServerException.class);
  }

  @Test
  void what_alter_system_set_of_ours_becomes_a_comment() {
    String text =
        """
        # Do not edit this file manually!
        work_mem = '9MB'
        Port = '1'
        primary_conninfo='x'
        """;
    AutoSettings settings = AutoSettings.split(text, SettingsFile.owned(PLAIN));
    assertThat(settings.owned()).containsExactly("Port", "primary_conninfo");
    assertThat(settings.rest().lines().filter(line -> !line.startsWith("#")))
        .containsExactly("work_mem = '9MB'");
  }

  @Test
  void a_log_gives_the_last_fatal_line_as_the_reason() {
    assertThat(
            ServerLog.reason(
                List.of(
                    "2026 [1] LOG:  starting",
                    "2026 [1] FATAL:  first",
                    "2026 [1] FATAL:  could not create shared memory",
                    "2026 [1] LOG:  database system is shut down")))
        .contains("FATAL:  could not create shared memory");
    assertThat(ServerLog.reason(List.of("LOG: nothing"))).isEmpty();
  }
}
