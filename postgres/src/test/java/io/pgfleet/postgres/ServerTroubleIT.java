package io.pgfleet.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.pgfleet.postgres.host.FileTrees;
import io.pgfleet.postgres.host.ServerException;
import io.pgfleet.postgres.host.ServerException.Kind;
import io.pgfleet.postgres.install.Installation;
import io.pgfleet.postgres.install.InstalledPostgres;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ServerTroubleIT {
  private final Sandbox sandbox = new Sandbox();

  static List<Installation> installations() {
    return Sandbox.installations();
  }

  @AfterEach
  void clear() {
    sandbox.close();
  }

  private static ServerException refusal(Kind kind, ThrowingCallable call) {
    ServerException[] thrown = new ServerException[1];
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            ServerException.class,
            e -> {
              assertThat(e.kind()).as(e.getMessage()).isEqualTo(kind);
              assertThat(e.getMessage()).endsWith(".").doesNotContain("Exception");
              assertThat(e.remedy()).endsWith(".");
              thrown[0] = e;
            });
    return thrown[0];
  }

  @Test
  void a_busy_port_is_named_with_who_listens_there() throws Exception {
    Server server = sandbox.made(Sandbox.embedded(), "data");
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      server.configure(ServerConfig.loopback(socket.getLocalPort()));
      ServerException e = refusal(Kind.PORT_BUSY, () -> server.start(Sandbox.PATIENCE));
      assertThat(e)
          .hasMessageContaining("Port " + socket.getLocalPort() + " on 127.0.0.1 is taken")
          .hasMessageContaining("(pid " + ProcessHandle.current().pid() + ")");
    }
    assertThat(server.logFile()).doesNotExist();
    server.start(Sandbox.PATIENCE);
  }

  @Test
  void an_address_of_another_machine_is_refused() {
    Server server = sandbox.made(Sandbox.embedded(), "data");
    ServerConfig loopback = ServerConfig.loopback(Sandbox.freePort());
    server.configure(
        new ServerConfig(
            loopback.port(),
            List.of("192.0.2.1"),
            List.of(),
            Optional.empty(),
            loopback.role(),
            Map.of(),
            Map.of()));
    refusal(Kind.SETTING, () -> server.start(Sandbox.PATIENCE));
  }

  @Test
  void what_is_no_data_folder_is_never_touched() throws Exception {
    Path folder = Files.createDirectory(sandbox.path("data"));
    Files.writeString(folder.resolve("letter.txt"), "dear");
    Server server = sandbox.server(Sandbox.embedded(), "data");
    refusal(
        Kind.NOT_A_DATA_FOLDER,
        () -> server.initialize(Initialization.withPassword(Sandbox.PASSWORD)));
    refusal(Kind.NOT_A_DATA_FOLDER, server::status);
    refusal(Kind.NOT_A_DATA_FOLDER, server::destroy);
    refusal(
        Kind.NOT_A_DATA_FOLDER, () -> server.configure(ServerConfig.loopback(Sandbox.freePort())));
    assertThat(folder.resolve("letter.txt")).hasContent("dear");
  }

  @Test
  void a_second_making_leaves_the_first_as_it_is() {
    Server server = sandbox.made(Sandbox.embedded(), "data");
    long system = server.data().control().systemIdentifier();
    refusal(
        Kind.ALREADY_INITIALIZED,
        () -> server.initialize(Initialization.withPassword(Sandbox.PASSWORD)));
    assertThat(server.data().control().systemIdentifier()).isEqualTo(system);
    refusal(Kind.OTHER_SYSTEM, () -> server.data().requireSystem(system + 1));
    server.data().requireSystem(system);
  }

  @Test
  void the_rest_of_a_broken_off_making_is_cleared() throws Exception {
    Path rest = Files.createDirectory(sandbox.path(".data.partial"));
    Files.writeString(rest.resolve("PG_VERSION"), "18");
    Files.writeString(sandbox.path(".data.lock"), "old");
    sandbox
        .server(Sandbox.embedded(), "data")
        .initialize(Initialization.withPassword(Sandbox.PASSWORD));
    assertThat(sandbox.path("").toFile().list()).containsExactly("data");
  }

  @Test
  void a_making_that_fails_leaves_nothing() {
    Server server = sandbox.server(Sandbox.embedded(), "data");
    ServerException e =
        refusal(
            Kind.FAILED,
            () ->
                server.initialize(
                    new Initialization("postgres", "secret", Optional.of("xx_XX.UTF-8"))));
    assertThat(e).hasMessageContaining("invalid locale name");
    assertThat(sandbox.path("").toFile().list()).isEmpty();
  }

  @Test
  void data_of_another_major_version_is_left_alone() {
    List<Installation> installed = InstalledPostgres.find();
    assumeThat(installed).as("an installed PostgreSQL").isNotEmpty();
    sandbox.made(installed.getFirst(), "data");
    Server server = sandbox.server(Sandbox.embedded(), "data");
    server.configure(ServerConfig.loopback(Sandbox.freePort()));
    ServerException e = refusal(Kind.OTHER_VERSION, () -> server.start(Sandbox.PATIENCE));
    assertThat(e).hasMessageContaining("made by PostgreSQL " + installed.getFirst().majorVersion());
  }

  @ParameterizedTest
  @MethodSource("installations")
  void after_a_kill_of_everything_a_start_just_works(Installation installation) throws Exception {
    Server server = sandbox.started(installation, "data");
    Sandbox.sql(server, "CREATE TABLE kept AS SELECT 42 AS answer");
    long pid = Sandbox.running(server).pid();
    Sandbox.kill(server);
    assertThat(server.status()).isEqualTo(new ServerStatus.Stale(pid));
    server.start(Sandbox.PATIENCE);
    assertThat(Sandbox.sql(server, "SELECT answer FROM kept")).isEqualTo("42");
  }

  @Test
  void a_stale_file_whose_number_another_process_has_now_is_recognised() throws Exception {
    Server server = sandbox.started(Sandbox.embedded(), "data");
    Sandbox.kill(server);
    // A process of the server's own user, at whose sight PostgreSQL itself would give up.
    Process other = new ProcessBuilder(Sandbox.user().command(List.of("sleep", "1000"))).start();
    try {
      List<String> lines = Files.readAllLines(sandbox.path("data").resolve("postmaster.pid"));
      lines.set(0, Long.toString(other.pid()));
      Files.write(sandbox.path("data").resolve("postmaster.pid"), lines);
      assertThat(server.status()).isEqualTo(new ServerStatus.Stale(other.pid()));
      server.start(Sandbox.PATIENCE);
      assertThat(other.isAlive()).isTrue();
    } finally {
      other.destroyForcibly();
    }
  }

  @Test
  void an_empty_postmaster_pid_does_not_stop_a_start() throws Exception {
    Server server = sandbox.made(Sandbox.embedded(), "data");
    FileTrees.replace(sandbox.path("data").resolve("postmaster.pid"), "", Sandbox.user());
    assertThat(server.status()).isEqualTo(new ServerStatus.Stale(0));
    server.start(Sandbox.PATIENCE);
  }

  @Test
  void a_folder_open_to_others_is_refused() throws Exception {
    Server server = sandbox.made(Sandbox.embedded(), "data");
    Files.setPosixFilePermissions(
        sandbox.path("data"), PosixFilePermissions.fromString("rwxr-xr-x"));
    ServerException e = refusal(Kind.OWNER, () -> server.start(Sandbox.PATIENCE));
    assertThat(e.remedy()).contains("chmod 0700");
    Files.setPosixFilePermissions(
        sandbox.path("data"), PosixFilePermissions.fromString("rwxr-x---"));
    server.start(Sandbox.PATIENCE);
  }

  @Test
  void a_folder_of_another_owner_is_refused() throws Exception {
    assumeThat(Sandbox.user().isOther()).as("being root").isTrue();
    Server server = sandbox.made(Sandbox.embedded(), "data");
    Files.setAttribute(sandbox.path("data"), "unix:uid", 65534);
    refusal(Kind.OWNER, () -> server.start(Sandbox.PATIENCE));
  }

  @Test
  void a_closed_parent_folder_is_named() throws Exception {
    assumeThat(Sandbox.user().isOther()).as("being root").isTrue();
    Path closed = Files.createDirectory(sandbox.path("closed"));
    Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwx------"));
    Server server = sandbox.server(Sandbox.embedded(), "closed/data");
    ServerException e =
        refusal(Kind.USER, () -> server.initialize(Initialization.withPassword(Sandbox.PASSWORD)));
    assertThat(e).hasMessageContaining("the folder " + closed + " is closed to it");
    assertThat(closed).isEmptyDirectory();
  }

  @Test
  void a_setting_that_postgresql_does_not_know_is_told_in_its_own_words() {
    Server server = sandbox.made(Sandbox.embedded(), "data");
    server.configure(
        ServerConfig.loopback(Sandbox.freePort()).withUserSettings(Map.of("no_such_thing", "1")));
    ServerException e = refusal(Kind.FAILED, () -> server.start(Sandbox.PATIENCE));
    assertThat(e).hasMessageContaining("pgfleet.conf");
    assertThat(server.lastLogLines(10).toString()).contains("no_such_thing");
  }

  @Test
  void a_single_user_server_in_the_folder_is_left_alone() throws Exception {
    Server server = sandbox.made(Sandbox.embedded(), "data");
    Process single =
        new ProcessBuilder(
                Sandbox.user()
                    .command(
                        List.of(
                            Sandbox.embedded().program("postgres").toString(),
                            "--single",
                            "-D",
                            sandbox.path("data").toString(),
                            "postgres")))
            .redirectErrorStream(true)
            .start();
    try {
      while (!server.status().isAlive() && single.isAlive()) {
        Thread.sleep(10);
      }
      refusal(Kind.LOCKED, () -> server.start(Sandbox.PATIENCE));
    } finally {
      single.destroy();
      single.waitFor();
    }
  }
}
