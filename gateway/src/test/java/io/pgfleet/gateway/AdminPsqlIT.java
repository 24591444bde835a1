package io.pgfleet.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pgfleet.gateway.observe.ObserveSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The admin database as psql sees it. */
final class AdminPsqlIT {
  private static final String PSQL = "/usr/bin/psql";

  private static AppServer server;
  private static Gateway gateway;

  @BeforeAll
  static void start() throws Exception {
    assumeTrue(Files.isExecutable(Path.of(PSQL)), "no psql");
    server = AppServer.create();
    gateway = server.gateway(settings -> settings);
    gateway.observe(ObserveSettings.NONE.withUsers(Set.of("app"), Set.of()));
  }

  @AfterAll
  static void stop() {
    if (gateway != null) {
      gateway.close();
    }
    if (server != null) {
      server.close();
    }
  }

  private static String psql(String... commands) throws IOException, InterruptedException {
    Path out = Files.createTempFile("pgfleet-psql", "");
    try {
      List<String> line =
          new ArrayList<>(
              List.of(
                  PSQL,
                  "-X",
                  "-A",
                  "postgresql://app:app@127.0.0.1:" + gateway.address().getPort() + "/pgbouncer"));
      for (String command : commands) {
        line.add("-c");
        line.add(command);
      }
      Process process =
          new ProcessBuilder(line).redirectErrorStream(true).redirectOutput(out.toFile()).start();
      assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
      return Files.readString(out, StandardCharsets.UTF_8);
    } finally {
      Files.delete(out);
    }
  }

  @Test
  void psqlShowsTablesAndTellsNotices() throws Exception {
    String out = psql("SHOW HELP", "SHOW POOLS", "PAUSE", "RESUME", "FOO", "SHOW VERSION");
    assertThat(out)
        .contains("NOTICE:  Console usage")
        .contains(
            "database|user|cl_active|cl_waiting|cl_active_cancel_req|cl_waiting_cancel_req|"
                + "sv_active|sv_active_cancel|sv_being_canceled|sv_idle|sv_used|sv_tested|sv_login|"
                + "maxwait|maxwait_us|pool_mode|load_balance_hosts")
        .contains("PAUSE")
        .contains("RESUME")
        .contains("ERROR:  invalid command 'FOO', use SHOW HELP;")
        .contains("PgBouncer 1.25.2");
  }
}
