package io.pgfleet.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** PostgreSQL's own client, as it is installed. */
final class Psql {
  private static final Path PSQL = Path.of("/usr/bin/psql");

  private Psql() {}

  record Result(int code, String output) {}

  /** Runs psql with words of a connection string. */
  static Result psql(String connection, String password, String sql) throws Exception {
    assumeTrue(Files.isExecutable(PSQL), "no psql");
    ProcessBuilder builder =
        new ProcessBuilder(PSQL.toString(), "-XAt", "-d", connection, "-c", sql);
    builder.environment().putAll(Map.of("PGPASSWORD", password, "PGCONNECT_TIMEOUT", "20"));
    Process process = builder.redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return new Result(process.exitValue(), output);
  }

  /** A connection string for a gateway on this machine. */
  static String to(Gateway gateway, String user, String more) {
    return "host=localhost hostaddr=127.0.0.1 port="
        + gateway.address().getPort()
        + " dbname=app user="
        + user
        + " "
        + more;
  }
}
