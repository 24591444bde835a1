package io.pgfleet.parity.regress;

import io.pgfleet.parity.Programs;
import io.pgfleet.postgres.host.FileTrees;
import io.pgfleet.postgres.host.ServerUser;
import io.pgfleet.postgres.install.Installation;
import io.pgfleet.testkit.TestFolder;
import io.pgfleet.testkit.TestInstallations;
import io.pgfleet.testkit.TestPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Runs tests one after another by psql, as pg_regress does, and keeps what psql printed. */
final class SuiteRun {
  private static final Duration MOST = Duration.ofMinutes(5);

  /** Tests that come to wait for locks that PgBouncer gave to nobody never end. */
  private static final Duration MOST_BY_PGBOUNCER = Duration.ofSeconds(60);

  private static final List<String> FOREIGN =
      List.of("PG", "LC_", "LANG"); // beginnings of variables that would change what psql does

  private final Installation installation;
  private final TestFolder inputs;
  private final Path outputs;

  /**
   * @param inputs a copy of the tests that the server's user can read
   * @param outputs where a folder for each route is made
   */
  SuiteRun(Installation installation, TestFolder inputs, Path outputs) {
    this.installation = installation;
    this.inputs = inputs;
    this.outputs = outputs;
  }

  Path output(Route route, String test) {
    return outputs.resolve(route.word()).resolve(test + ".out");
  }

  /** An empty folder that tests write their files to; the same for every route. */
  void begin(Route route) throws IOException {
    Path results = build().resolve("results");
    FileTrees.delete(build());
    Files.createDirectories(results);
    ServerUser user = TestInstallations.user();
    user.own(build());
    user.own(results);
    Path folder = outputs.resolve(route.word());
    FileTrees.delete(folder);
    Files.createDirectories(folder);
  }

  private Path build() {
    return inputs.resolve("build");
  }

  /** Runs one; false if it had to be killed. */
  boolean run(Stage stage, String test) throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(
                installation.program("psql").toString(),
                "-X",
                "-a",
                "-q",
                "-v",
                "HIDE_TABLEAM=on",
                "-v",
                "HIDE_TOAST_COMPRESSION=on",
                "-d",
                Stage.DATABASE)
            .directory(inputs.path().toFile())
            .redirectErrorStream(true)
            .redirectInput(inputs.resolve("sql").resolve(test + ".sql").toFile())
            .redirectOutput(output(stage.route(), test).toFile());
    Map<String, String> environment = builder.environment();
    environment.keySet().removeIf(name -> FOREIGN.stream().anyMatch(name::startsWith));
    environment.putAll(environment(stage, test));
    return Programs.end(
            builder.start(), stage.route() == Route.PGBOUNCER ? MOST_BY_PGBOUNCER : MOST)
        >= 0;
  }

  /** What pg_regress sets. */
  private Map<String, String> environment(Stage stage, String test) {
    return Map.ofEntries(
        Map.entry("PGHOST", "127.0.0.1"),
        Map.entry("PGPORT", "" + stage.port()),
        Map.entry("PGUSER", TestPostgres.USER),
        Map.entry("PGPASSWORD", TestPostgres.PASSWORD),
        Map.entry("PGAPPNAME", "pg_regress/" + test),
        Map.entry("PGTZ", "America/Los_Angeles"),
        Map.entry("PGDATESTYLE", "Postgres, MDY"),
        Map.entry("PGOPTIONS", "-c intervalstyle=postgres_verbose"),
        Map.entry("PG_ABS_SRCDIR", inputs.path().toString()),
        Map.entry("PG_ABS_BUILDDIR", build().toString()),
        Map.entry("PG_LIBDIR", inputs.path().toString()),
        Map.entry("PG_DLSUFFIX", ".so"),
        Map.entry("LC_MESSAGES", "C"));
  }
}
