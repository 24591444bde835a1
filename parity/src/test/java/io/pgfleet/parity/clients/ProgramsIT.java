package io.pgfleet.parity.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pgfleet.parity.Programs;
import io.pgfleet.testkit.TestFolder;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Clients that are programs of their own see the same directly and through the gateway. */
final class ProgramsIT {
  private static final Path SOURCES = Path.of("src/test/clients").toAbsolutePath();
  private static final Path TYPES = SOURCES.resolve("types.sql");
  private static final Duration PATIENCE = Duration.ofMinutes(4);
  private static final int LARGE = 100_000_000;
  private static Ways ways;
  private static TestFolder folder;

  @BeforeAll
  static void start() {
    ways = new Ways();
    folder = TestFolder.create();
  }

  @AfterAll
  static void stop() {
    ways.close();
    folder.close();
  }

  private static Map<String, String> environment(int port, String user) {
    Map<String, String> environment = new HashMap<>();
    environment.put("PGHOST", "127.0.0.1");
    environment.put("PGPORT", "" + port);
    environment.put("PGUSER", user);
    environment.put("PGDATABASE", user);
    environment.put("PGPASSWORD", user);
    environment.put("PGAPPNAME", "parity");
    environment.put("LC_ALL", "C.UTF-8");
    environment.put("PYTHONIOENCODING", "utf-8");
    return environment;
  }

  private static String run(int port, String user, Path in, String... command) throws Exception {
    Programs.Outcome outcome =
        Programs.run(List.of(command), in, environment(port, user), PATIENCE);
    assertThat(outcome.succeeded())
        .as("%s ended with %s: %s", command[0], outcome.status(), outcome.output())
        .isTrue();
    return outcome.output();
  }

  private static boolean works(String... command) throws InterruptedException {
    try {
      return Programs.run(List.of(command), Path.of("/"), Map.of(), PATIENCE).succeeded();
    } catch (UncheckedIOException e) {
      return false; // there is no such program
    }
  }

  @Test
  void psql() throws Exception {
    assumeTrue(
        works("psql", "--version"),
        "psql is not installed (Debian: apt-get install postgresql-client)");
    Files.writeString(folder.resolve("psql.txt"), "large object\n".repeat(10_000));
    ways.compare(
        "psqluser",
        18,
        (port, user) ->
            comparable(
                run(
                    port,
                    user,
                    folder.path(),
                    "psql",
                    "-X",
                    "-a",
                    "-v",
                    "types=" + TYPES,
                    "-f",
                    SOURCES.resolve("psql/parity.sql").toString())));
  }

  /**
   * Processes and object identifiers have other numbers each time, on any way. What a session
   * notifies itself of comes before the end of that statement directly, and a moment later through
   * a shared listener: psql shows it behind a later one then.
   */
  private static String comparable(String report) {
    String numberless =
        report
            .replaceAll("server process with PID \\d+", "server process")
            .replaceAll("(?m)^(lo_import|lo_unlink) \\d+$", "$1");
    List<String> heard =
        numberless.lines().filter(line -> line.startsWith("Asynchronous")).toList();
    return numberless.replaceAll("(?m)^Asynchronous.*\\n", "") + String.join("\n", heard) + "\n";
  }

  /** Debian's own python, for which Debian has the drivers, or the first on the path. */
  private static String python(String module) throws InterruptedException {
    for (String python : List.of("/usr/bin/python3", "python3")) {
      if (works(python, "-c", "import " + module)) {
        return python;
      }
    }
    return "";
  }

  @Test
  void psycopg2() throws Exception {
    String python = python("psycopg2");
    assumeTrue(!python.isEmpty(), "no psycopg2 (Debian: apt-get install python3-psycopg2)");
    ways.compare(
        "psycopgtwo",
        15,
        (port, user) ->
            run(
                port,
                user,
                folder.path(),
                python,
                SOURCES.resolve("python/psycopg2_parity.py").toString(),
                TYPES.toString()));
  }

  @Test
  void psycopg3() throws Exception {
    String python = python("psycopg");
    assumeTrue(!python.isEmpty(), "no psycopg 3 (Debian: apt-get install python3-psycopg)");
    ways.compare(
        "psycopgthree",
        15,
        (port, user) ->
            run(
                port,
                user,
                folder.path(),
                python,
                SOURCES.resolve("python/psycopg3_parity.py").toString(),
                TYPES.toString(),
                "" + LARGE));
  }

  @Test
  void nodePostgres() throws Exception {
    assumeTrue(works("node", "--version") && works("npm", "--version"), "no node and npm");
    Path modules = folder.resolve("node");
    Files.createDirectories(modules);
    for (String file : List.of("package.json", "package-lock.json")) {
      Files.copy(SOURCES.resolve("node").resolve(file), modules.resolve(file));
    }
    Programs.Outcome installed =
        Programs.run(
            List.of("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"),
            modules,
            Map.of(),
            PATIENCE);
    assumeTrue(installed.succeeded(), "npm can't fetch the packages: " + installed.output());
    ways.compare(
        "nodeuser",
        13,
        (port, user) ->
            run(
                port,
                user,
                folder.path(),
                "node",
                "--no-deprecation",
                SOURCES.resolve("node/parity.js").toString(),
                TYPES.toString(),
                modules.toString()));
  }

  @Test
  void libpqWithItsPipelines() throws Exception {
    assumeTrue(works("gcc", "--version"), "no gcc (Debian: apt-get install gcc libc6-dev)");
    Path program = folder.resolve("libpq");
    Programs.Outcome built =
        Programs.run(
            List.of(
                "gcc",
                "-O1",
                "-I/usr/include/postgresql",
                "-o",
                program.toString(),
                SOURCES.resolve("c/libpq_parity.c").toString(),
                "-lpq"),
            folder.path(),
            Map.of(),
            PATIENCE);
    assumeTrue(
        built.succeeded() || hasLibpq(),
        "no libpq to compile with (Debian: apt-get install libpq-dev): " + built.output());
    assertThat(built.output()).isEmpty();
    ways.compare(
        "libpquser",
        17,
        (port, user) -> run(port, user, folder.path(), program.toString(), "" + LARGE));
  }

  private static boolean hasLibpq() {
    return Files.exists(Path.of("/usr/include/postgresql/libpq-fe.h"));
  }
}
