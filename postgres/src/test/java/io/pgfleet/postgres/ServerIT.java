package io.pgfleet.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgfleet.postgres.data.ControlFile;
import io.pgfleet.postgres.install.Installation;
import io.pgfleet.wire.client.ConnectSettings;
import io.pgfleet.wire.client.Connection;
import io.pgfleet.wire.client.PostgresException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ServerIT {
  private final Sandbox sandbox = new Sandbox();

  static List<Installation> installations() {
    return Sandbox.installations();
  }

  @AfterEach
  void clear() {
    sandbox.close();
  }

  @ParameterizedTest
  @MethodSource("installations")
  void a_server_is_made_with_checksums_scram_and_utf8(Installation installation) throws Exception {
    Server server = sandbox.server(installation, "data");
    assertThat(server.status()).isEqualTo(new ServerStatus.NotInitialized());
    server.initialize(Initialization.withPassword(Sandbox.PASSWORD));
    assertThat(server.status()).isEqualTo(new ServerStatus.Stopped());
    ControlFile control = server.data().control();
    assertThat(control.hasChecksums()).isTrue();
    assertThat(control.state()).isEqualTo(ControlFile.State.SHUT_DOWN);
    assertThat(server.data().majorVersion()).isEqualTo(installation.majorVersion());
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(sandbox.path("data"))))
        .isEqualTo("rwx------");

    server.configure(ServerConfig.loopback(Sandbox.freePort()));
    server.start(Sandbox.PATIENCE);
    assertThat(Sandbox.sql(server, "SHOW server_encoding")).isEqualTo("UTF8");
    assertThat(Sandbox.sql(server, "SHOW password_encryption")).isEqualTo("scram-sha-256");
    assertThat(
            Sandbox.sql(
                server,
                "SELECT rolpassword ~ '^SCRAM-SHA-256' FROM pg_authid"
                    + " WHERE rolname = 'postgres'"))
        .isEqualTo("t");
    assertThat(Sandbox.sql(server, "SELECT system_identifier FROM pg_control_system()"))
        .isEqualTo(control.systemIdentifierText());
    // Nothing else of the making is left, the password's file above all.
    assertThat(sandbox.path("").toFile().list()).containsExactly("data");
  }

  @ParameterizedTest
  @MethodSource("installations")
  void it_starts_and_stops_in_every_mode(Installation installation) {
    Server server = sandbox.started(installation, "data");
    for (StopMode mode : StopMode.values()) {
      assertThat(server.status()).isInstanceOf(ServerStatus.Running.class);
      server.stop(mode, Sandbox.PATIENCE);
      assertThat(server.status().isAlive()).isFalse();
      server.stop(mode, Sandbox.PATIENCE);
      server.start(Sandbox.PATIENCE);
    }
  }

  @Test
  void another_object_over_the_folder_adopts_the_running_server() {
    Server server = sandbox.started(Sandbox.embedded(), "data");
    Server later = sandbox.server(Sandbox.embedded(), "data");
    assertThat(later.status()).isEqualTo(server.status());
    later.configure(ServerConfig.loopback(Sandbox.running(server).port()));
    assertThat(later.start(Sandbox.PATIENCE)).isEqualTo(server.status());
    later.stop(StopMode.FAST, Sandbox.PATIENCE);
    assertThat(server.status()).isEqualTo(new ServerStatus.Stopped());
  }

  @Test
  void it_outlives_the_program_that_started_it() throws Exception {
    Server server = sandbox.made(Sandbox.embedded(), "data");
    Process program =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                StartAndHang.class.getName(),
                Sandbox.embedded().bin().toString(),
                server.data().path().toString(),
                Integer.toString(Sandbox.freePort()))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      assertThat(program.inputReader().readLine()).isEqualTo("started");
    } finally {
      program.destroyForcibly();
    }
    assertThat(program.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(Sandbox.sql(server, "SELECT 1")).isEqualTo("1");
    // In a session of its own, so that the terminal's signals don't reach it.
    String stat = Files.readString(Path.of("/proc/" + Sandbox.running(server).pid() + "/stat"));
    String session = stat.substring(stat.lastIndexOf(')') + 2).split(" ")[3];
    assertThat(session).isEqualTo(Long.toString(Sandbox.running(server).pid()));
  }

  @Test
  void nobody_comes_in_without_the_password() {
    Server server = sandbox.started(Sandbox.embedded(), "data");
    ConnectSettings login = Sandbox.login(server);
    for (boolean replication : List.of(false, true)) {
      assertThatThrownBy(
              () -> Connection.open(login.withPassword("wrong").withReplication(replication)))
          .isInstanceOf(PostgresException.class)
          .hasMessageContaining("password authentication failed");
    }
  }

  @Test
  void a_users_setting_holds_and_ours_win_over_alter_system() throws Exception {
    Server server = sandbox.made(Sandbox.embedded(), "data");
    String nasty = "a'b\\c\nport = 1\n%";
    ServerConfig config =
        ServerConfig.loopback(Sandbox.freePort())
            .withUserSettings(Map.of("Work_Mem", "7MB", "app.text", nasty))
            .withOwnSettings(Map.of("synchronous_standby_names", "ANY 1 (a)"));
    server.configure(config);
    server.start(Sandbox.PATIENCE);
    assertThat(Sandbox.sql(server, "SHOW work_mem")).isEqualTo("7MB");
    assertThat(Sandbox.sql(server, "SHOW app.text")).isEqualTo(nasty);

    for (String setting :
        List.of(
            "synchronous_standby_names = ''",
            "work_mem = '9MB'",
            "listen_addresses = '*'",
            "primary_slot_name = 'x'")) {
      Sandbox.sql(server, "ALTER SYSTEM SET " + setting);
    }
    assertThat(server.overridden())
        .containsExactlyInAnyOrder(
            "synchronous_standby_names", "listen_addresses", "primary_slot_name");
    server.configure(config);
    assertThat(server.overridden()).isEmpty();
    server.stop(StopMode.IMMEDIATE, Sandbox.PATIENCE);
    server.start(Sandbox.PATIENCE);
    assertThat(Sandbox.sql(server, "SHOW synchronous_standby_names")).isEqualTo("ANY 1 (a)");
    assertThat(Sandbox.sql(server, "SHOW listen_addresses")).isEqualTo("127.0.0.1");
    assertThat(Sandbox.sql(server, "SHOW work_mem")).isEqualTo("9MB");
  }

  @Test
  void a_reload_takes_what_was_configured() throws Exception {
    Server server = sandbox.started(Sandbox.embedded(), "data");
    ServerConfig config = ServerConfig.loopback(Sandbox.running(server).port());
    server.configure(config.withUserSettings(Map.of("work_mem", "11MB")));
    server.reload();
    assertThat(eventually(server, "SHOW work_mem", "11MB")).isEqualTo("11MB");
  }

  private static String eventually(Server server, String statement, String wanted)
      throws Exception {
    String value = "";
    for (int i = 0; i < 500 && !value.equals(wanted); i++) {
      value = Sandbox.sql(server, statement);
      Thread.sleep(10);
    }
    return value;
  }

  @Test
  void a_folder_marked_as_a_standbys_never_starts_as_a_primary() throws Exception {
    Server server = sandbox.made(Sandbox.embedded(), "data");
    ServerConfig primary = ServerConfig.loopback(Sandbox.freePort());
    server.configure(primary.withRole(new Role.Standby(java.util.Optional.empty())));
    assertThatThrownBy(() -> server.configure(primary)).hasMessageContaining("is a standby's");
    server.start(Sandbox.PATIENCE);
    assertThat(Sandbox.sql(server, "SELECT pg_is_in_recovery()")).isEqualTo("t");
    server.promote(Sandbox.PATIENCE);
    assertThat(Sandbox.sql(server, "SELECT pg_is_in_recovery()")).isEqualTo("f");
    Sandbox.sql(server, "CREATE TABLE written ()");
    server.configure(primary);
    assertThatThrownBy(() -> server.promote(Duration.ofSeconds(1)))
        .hasMessageContaining("is no standby");
  }

  @Test
  void a_primary_configured_as_a_standby_while_it_runs_is_one_after_its_next_start()
      throws Exception {
    Server server = sandbox.started(Sandbox.embedded(), "data");
    ServerConfig primary = ServerConfig.loopback(Sandbox.running(server).port());
    server.configure(primary.withRole(new Role.Standby(java.util.Optional.empty())));
    assertThat(Sandbox.sql(server, "SELECT pg_is_in_recovery()")).isEqualTo("f");
    assertThat(server.data().isMarkedStandby()).isFalse();
    server.stop(StopMode.IMMEDIATE, Sandbox.PATIENCE);
    server.start(Sandbox.PATIENCE);
    assertThat(Sandbox.sql(server, "SELECT pg_is_in_recovery()")).isEqualTo("t");
  }

  @Test
  void destroying_deletes_a_stopped_server_and_no_running_one() {
    Server server = sandbox.started(Sandbox.embedded(), "data");
    assertThatThrownBy(server::destroy).hasMessageContaining("runs");
    server.stop(StopMode.IMMEDIATE, Sandbox.PATIENCE);
    server.destroy();
    assertThat(server.status()).isEqualTo(new ServerStatus.NotInitialized());
    assertThat(sandbox.path("").toFile().list()).isEmpty();
    server.destroy();
  }
}
