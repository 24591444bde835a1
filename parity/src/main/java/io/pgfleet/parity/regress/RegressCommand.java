package io.pgfleet.parity.regress;

import io.pgfleet.parity.ParityException;
import io.pgfleet.parity.Programs;
import io.pgfleet.postgres.install.Installation;
import io.pgfleet.postgres.install.InstalledPostgres;
import io.pgfleet.testkit.TestFolder;
import io.pgfleet.testkit.TestInstallations;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./pgfleet regress}. */
@Command(
    name = "pgfleet regress",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Runs PostgreSQL's own regression tests directly and through the gateway, and compares.",
      "Fails on a difference that the list in the repository does not explain."
    })
public final class RegressCommand implements Callable<Integer> {
  @Option(
      names = "--sources",
      paramLabel = "DIR",
      description =
          "a source tree of PostgreSQL, of the server's major version"
              + " (default: Debian's source package, downloaded)")
  private Optional<Path> sources = Optional.empty();

  @Option(
      names = "--postgres",
      paramLabel = "BIN",
      description =
          "the folder of postgres and psql (default: the newest that is installed on this machine)")
  private Optional<Path> postgres = Optional.empty();

  @Option(
      names = "--routes",
      split = ",",
      paramLabel = "ROUTE",
      description = "some of session, transaction and pgbouncer (default: all)")
  private List<String> routes = List.of("session", "transaction", "pgbouncer");

  @Option(
      names = "--tests",
      split = ",",
      paramLabel = "NAME",
      description = "only these; 'test_setup' is added (default: all)")
  private List<String> tests = List.of();

  @Option(
      names = "--folder",
      paramLabel = "DIR",
      required = true,
      description = "where downloads and outputs are kept")
  private Path folder = Path.of(".");

  private final PrintStream out = System.out;

  /** Runs the command. */
  public static void main(String[] arguments) {
    CommandLine line = new CommandLine(new RegressCommand());
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setExecutionExceptionHandler((exception, command, _) -> {
      if (exception instanceof ParityException) {
        command.getErr().println("pgfleet: " + exception.getMessage());
        return 2;
      }
      throw exception;
    });
    System.exit(line.execute(arguments));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Installation installation = installation();
    Files.createDirectories(folder);
    folder = folder.toRealPath();
    Path tree =
        sources.isPresent()
            ? sources.get()
            : new DebianSources(
                    Files.createDirectories(folder.resolve("sources")), installation.majorVersion())
                .get(this::say);
    Sources suite = Sources.at(tree);
    suite.buildLibraries(this::say);
    List<String> wanted = new ArrayList<>(tests);
    if (!wanted.isEmpty() && !wanted.contains("test_setup")) {
      wanted.addFirst("test_setup");
    }
    List<String> schedule = suite.schedule(wanted);
    say(schedule.size() + " tests, PostgreSQL " + installation.version());
    try (TestFolder inputs = TestFolder.create()) {
      suite.copyTo(inputs.path());
      SuiteRun run = new SuiteRun(installation, inputs, folder.resolve("outputs"));
      return compare(installation, suite, schedule, run);
    }
  }

  private Installation installation() {
    Installation installation =
        postgres
            .map(InstalledPostgres::at)
            .or(TestInstallations::installed)
            .orElseThrow(() ->
                new ParityException(
                    "no PostgreSQL is installed on this machine",
                    "apt-get install postgresql, or name the folder of its programs: --postgres"));
    if (!installation.has("psql")) {
      throw new ParityException(
          "there is no psql in " + installation.bin(), "apt-get install postgresql-client");
    }
    return installation;
  }

  private int compare(Installation installation, Sources suite, List<String> schedule, SuiteRun run)
      throws IOException, InterruptedException {
    boolean well = runAll(installation, Route.DIRECT, schedule, run);
    int asExpected = 0;
    for (String test : schedule) {
      String output = Outputs.read(run.output(Route.DIRECT, test));
      asExpected += suite.expected(test).contains(output) ? 1 : 0;
    }
    say(
        "direct: %d of %d tests as PostgreSQL's authors expect"
            .formatted(asExpected, schedule.size()));
    Map<String, List<Hunk>> pgbouncer = new HashMap<>();
    if (routes.contains("pgbouncer")) {
      if (Programs.find("pgbouncer").isEmpty()) {
        say("PgBouncer is not installed, and left out (Debian: apt-get install pgbouncer)");
      } else {
        runAll(installation, Route.PGBOUNCER, schedule, run);
        Verdict verdict = verdict(installation, Route.PGBOUNCER, schedule, run, pgbouncer);
        pgbouncer.putAll(verdict.differences());
        say(
            "PgBouncer, transaction mode: %d places differ in %d tests"
                .formatted(
                    pgbouncer.values().stream().mapToInt(List::size).sum(), pgbouncer.size()));
      }
    }
    for (Route route : List.of(Route.SESSION, Route.TRANSACTION)) {
      if (routes.contains(route.word())) {
        well &= runAll(installation, route, schedule, run);
        Verdict verdict = verdict(installation, route, schedule, run, pgbouncer);
        out.print(verdict.text(schedule.size()));
        verdict.writeUnexplained(folder.resolve("unexplained-" + route.word() + ".txt"));
        well &= verdict.passes();
      }
    }
    say((well ? "passed" : "FAILED") + "; the outputs are in " + folder.resolve("outputs"));
    return well ? 0 : 1;
  }

  private static Verdict verdict(
      Installation installation,
      Route route,
      List<String> schedule,
      SuiteRun run,
      Map<String, List<Hunk>> pgbouncer)
      throws InterruptedException {
    return Verdict.of(
        route, schedule, run, Explained.of(route, installation.majorVersion()), pgbouncer);
  }

  private boolean runAll(
      Installation installation, Route route, List<String> schedule, SuiteRun run)
      throws IOException, InterruptedException {
    long began = System.nanoTime();
    run.begin(route);
    boolean well = true;
    try (Stage stage =
        Stage.open(installation, route, Programs.find("pgbouncer").orElse(Path.of("pgbouncer")))) {
      for (String test : schedule) {
        if (!run.run(stage, test)) {
          well = false;
          say(route.title() + ": " + test + " did not end, and was killed");
        }
      }
      if (stage.flaw().isPresent()) {
        well = false;
        say(route.title() + ": " + stage.flaw().get());
      }
    }
    say("%s: ran in %d s".formatted(route.title(), (System.nanoTime() - began) / 1_000_000_000));
    return well;
  }

  private void say(String line) {
    out.println(line);
    out.flush();
  }
}
