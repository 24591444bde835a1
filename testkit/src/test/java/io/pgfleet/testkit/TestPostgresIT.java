package io.pgfleet.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.postgres.ServerStatus;
import io.pgfleet.postgres.install.Installation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TestPostgresIT {
  static List<Installation> installations() {
    return TestInstallations.all();
  }

  @ParameterizedTest
  @MethodSource("installations")
  void a_server_and_its_standby_live_and_leave_nothing_behind(Installation installation) {
    Path folder;
    try (TestPostgres primary = TestPostgres.start(installation, Map.of("work_mem", "5MB"))) {
      folder = primary.server().data().path().getParent();
      assertThat(primary.sql("SHOW work_mem")).isEqualTo("5MB");
      primary.sql("CREATE TABLE t (a int); INSERT INTO t VALUES (1)");
      try (TestPostgres standby = primary.standby("one")) {
        assertThat(standby.sql("SELECT pg_is_in_recovery()")).isEqualTo("t");
        primary.sql("INSERT INTO t VALUES (2)");
        assertThat(primary.sql("SELECT slot_name FROM pg_replication_slots")).isEqualTo("one");
        primary.kill();
        standby.server().promote(Duration.ofSeconds(30));
        standby.sql("INSERT INTO t VALUES (3)");
        primary.restart();
        assertThat(primary.server().status()).isInstanceOf(ServerStatus.Running.class);
        assertThat(primary.sql("SELECT count(*) FROM t")).isEqualTo("2");
      }
    }
    assertThat(folder).doesNotExist();
    assertThat(Files.exists(folder)).isFalse();
  }
}
