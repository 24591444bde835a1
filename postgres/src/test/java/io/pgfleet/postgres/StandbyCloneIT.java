package io.pgfleet.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgfleet.postgres.backup.BackupProgress;
import io.pgfleet.postgres.backup.ReplicationSlots;
import io.pgfleet.postgres.backup.StandbyClone;
import io.pgfleet.postgres.host.ServerException;
import io.pgfleet.postgres.host.ServerException.Kind;
import io.pgfleet.postgres.install.Installation;
import io.pgfleet.wire.client.Connection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class StandbyCloneIT {
  private final Sandbox sandbox = new Sandbox();

  static List<Installation> installations() {
    return Sandbox.installations();
  }

  @AfterEach
  void clear() {
    sandbox.close();
  }

  private static StandbyClone clone(Server source, String slot) {
    return new StandbyClone(
        Sandbox.login(source), Sandbox.user(), Optional.of(slot), OptionalLong.empty());
  }

  private static Role follow(Server source, String slot) {
    return new Role.Standby(
        Optional.of(
            new Upstream(
                "127.0.0.1",
                Sandbox.running(source).port(),
                "postgres",
                Sandbox.PASSWORD,
                "o'ne \\",
                Optional.of(slot))));
  }

  @ParameterizedTest
  @MethodSource("installations")
  void a_clone_streams_from_its_source(Installation installation) throws Exception {
    Server source = sandbox.started(installation, "source");
    Sandbox.sql(
        source, "CREATE TABLE big AS SELECT g, repeat('x', 1000) FROM generate_series(1, 20000) g");
    List<BackupProgress> progress = new ArrayList<>();
    StandbyClone.Taken taken = clone(source, "one").into(sandbox.path("standby"), progress::add);
    assertThat(progress).isNotEmpty();
    assertThat(progress.getLast().bytes()).isEqualTo(taken.bytes()).isGreaterThan(40_000_000);
    assertThat(progress.getLast().share()).isBetween(0.9, 1.0);
    assertThat(taken.finish()).isGreaterThan(taken.start());
    assertThat(taken.systemIdentifier()).isEqualTo(source.data().control().systemIdentifier());

    Server standby = sandbox.server(installation, "standby");
    assertThat(standby.data().isMarkedStandby()).isTrue();
    assertThat(standby.logFile()).doesNotExist();
    standby.configure(ServerConfig.loopback(Sandbox.freePort()).withRole(follow(source, "one")));
    standby.start(Sandbox.PATIENCE);
    assertThat(Sandbox.sql(standby, "SELECT count(*) FROM big")).isEqualTo("20000");
    Sandbox.sql(source, "CREATE TABLE later AS SELECT 7 AS seven");
    String lsn = Sandbox.sql(source, "SELECT pg_current_wal_lsn()");
    while (!Sandbox.sql(standby, "SELECT pg_last_wal_replay_lsn() >= '" + lsn + "'").equals("t")) {
      Thread.sleep(10);
    }
    assertThat(Sandbox.sql(standby, "SELECT seven FROM later")).isEqualTo("7");
    assertThat(Sandbox.sql(source, "SELECT active FROM pg_replication_slots")).isEqualTo("t");
    assertThat(Sandbox.sql(source, "SELECT application_name FROM pg_stat_replication"))
        .isEqualTo("o'ne \\");
    // The password lies beside the data, for the server's user only, and in no setting.
    Path passwords = sandbox.path(".standby.pgpass");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(passwords)))
        .isEqualTo("rw-------");
    assertThat(Sandbox.sql(standby, "SHOW primary_conninfo")).doesNotContain("pass'word");
  }

  @Test
  void a_clone_of_a_standby_follows_it() throws Exception {
    Server source = sandbox.started(Sandbox.embedded(), "source");
    clone(source, "one").into(sandbox.path("standby"), _ -> {});
    Server standby = sandbox.server(Sandbox.embedded(), "standby");
    standby.configure(ServerConfig.loopback(Sandbox.freePort()).withRole(follow(source, "one")));
    standby.start(Sandbox.PATIENCE);
    clone(standby, "two").into(sandbox.path("third"), _ -> {});
    Server third = sandbox.server(Sandbox.embedded(), "third");
    third.configure(ServerConfig.loopback(Sandbox.freePort()).withRole(follow(standby, "two")));
    third.start(Sandbox.PATIENCE);
    assertThat(Sandbox.sql(third, "SELECT pg_is_in_recovery()")).isEqualTo("t");
  }

  @Test
  void a_clone_starts_even_if_its_source_is_gone() throws Exception {
    Server source = sandbox.started(Sandbox.embedded(), "source");
    Sandbox.sql(source, "CREATE TABLE kept AS SELECT 42 AS answer");
    clone(source, "one").into(sandbox.path("standby"), _ -> {});
    Role role = follow(source, "one");
    Sandbox.kill(source);
    Server standby = sandbox.server(Sandbox.embedded(), "standby");
    standby.configure(ServerConfig.loopback(Sandbox.freePort()).withRole(role));
    standby.start(Sandbox.PATIENCE);
    assertThat(Sandbox.sql(standby, "SELECT answer FROM kept")).isEqualTo("42");
    standby.promote(Sandbox.PATIENCE);
    Sandbox.sql(standby, "INSERT INTO kept VALUES (43)");
  }

  @Test
  void a_clone_broken_off_leaves_nothing_and_the_next_one_works() throws Exception {
    Server source = sandbox.started(Sandbox.embedded(), "source");
    Sandbox.sql(
        source, "CREATE TABLE big AS SELECT g, repeat('x', 1000) FROM generate_series(1, 99000) g");
    long pid = Sandbox.running(source).pid();
    assertThatThrownBy(() ->
            clone(source, "one")
                .into(
                    sandbox.path("standby"),
                    _ -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly)))
        .isInstanceOf(ServerException.class);
    assertThat(sandbox.path("standby")).doesNotExist();
    assertThat(sandbox.path(".standby.partial")).doesNotExist();
    source.start(Sandbox.PATIENCE);
    clone(source, "one").into(sandbox.path("standby"), _ -> {});
    assertThat(sandbox.path("standby")).isDirectory();
  }

  @Test
  void a_source_of_another_system_or_with_a_tablespace_is_refused() throws Exception {
    Server source = sandbox.started(Sandbox.embedded(), "source");
    StandbyClone other =
        new StandbyClone(
            Sandbox.login(source), Sandbox.user(), Optional.empty(), OptionalLong.of(1));
    assertThatThrownBy(() -> other.into(sandbox.path("standby"), _ -> {}))
        .isInstanceOfSatisfying(
            ServerException.class, e -> assertThat(e.kind()).isEqualTo(Kind.OTHER_SYSTEM));
    Path space = Files.createDirectory(sandbox.path("space"));
    Sandbox.user().own(space);
    Sandbox.sql(source, "CREATE TABLESPACE elsewhere LOCATION '" + space + "'");
    assertThatThrownBy(() -> clone(source, "one").into(sandbox.path("standby"), _ -> {}))
        .isInstanceOf(ServerException.class)
        .hasMessageContaining("tablespace outside its data folder");
    assertThat(sandbox.path("standby")).doesNotExist();
  }

  @Test
  void a_source_that_is_down_or_refuses_is_told_as_such() {
    Server source = sandbox.started(Sandbox.embedded(), "source");
    StandbyClone wrong =
        new StandbyClone(
            Sandbox.login(source).withPassword("wrong"),
            Sandbox.user(),
            Optional.empty(),
            OptionalLong.empty());
    assertThatThrownBy(() -> wrong.into(sandbox.path("standby"), _ -> {}))
        .isInstanceOf(ServerException.class)
        .hasMessageContaining("password authentication failed");
    StandbyClone right = clone(source, "one");
    source.stop(StopMode.FAST, Sandbox.PATIENCE);
    assertThatThrownBy(() -> right.into(sandbox.path("standby"), _ -> {}))
        .isInstanceOf(ServerException.class)
        .hasMessageContaining("broke off");
    assertThat(sandbox.path("standby")).doesNotExist();
  }

  @ParameterizedTest
  @MethodSource("installations")
  void slots_are_made_and_dropped_any_number_of_times(Installation installation) throws Exception {
    Server source = sandbox.started(installation, "source");
    for (boolean replication : List.of(false, true)) {
      try (Connection connection =
          Connection.open(Sandbox.login(source).withReplication(replication))) {
        ReplicationSlots.ensurePhysical(connection, "node_1");
        ReplicationSlots.ensurePhysical(connection, "node_1");
        assertThat(
                Sandbox.sql(
                    source,
                    "SELECT count(*) FROM pg_replication_slots WHERE restart_lsn IS NOT NULL"))
            .isEqualTo("1");
        ReplicationSlots.drop(connection, "node_1");
        ReplicationSlots.drop(connection, "node_1");
        assertThat(Sandbox.sql(source, "SELECT count(*) FROM pg_replication_slots")).isEqualTo("0");
        assertThatThrownBy(() -> ReplicationSlots.ensurePhysical(connection, "x'; DROP"))
            .isInstanceOf(ServerException.class);
      }
    }
  }
}
