package io.pgfleet.cli.command;

import io.pgfleet.bench.BenchException;
import io.pgfleet.bench.Target;
import io.pgfleet.bench.carddb.ItemLoader;
import io.pgfleet.bench.carddb.Verdict;
import io.pgfleet.bench.carddb.Workload;
import io.pgfleet.bench.carddb.WorkloadSettings;
import io.pgfleet.bench.fleet.Launcher;
import io.pgfleet.bench.startup.StartupBenchmark;
import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.cli.fleet.FleetChoice;
import io.pgfleet.cli.fleet.FleetRecord;
import io.pgfleet.cli.fleet.FleetRegistry;
import io.pgfleet.cli.fleet.Folders;
import io.pgfleet.cli.up.Connections;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code pgfleet bench}. */
@Command(
    name = "bench",
    description =
        "Workloads and measurements; docs/benchmarks.md says how to run them, docs/performance.md what they gave.",
    synopsisSubcommandLabel = "WHAT",
    commandListHeading = "%nWhat:%n",
    subcommands = {
      BenchCommand.CardDb.class,
      BenchCommand.Startup.class,
      BenchGatewayCommand.class,
      BenchClientsCommand.class,
      BenchEngineCommand.class,
      BenchReadsCommand.class,
      BenchFailoverCommand.class,
      BenchBackupCommand.class
    })
public final class BenchCommand implements Runnable {
  @Spec private CommandSpec spec;

  /** For picocli, which fills in the rest. */
  public BenchCommand() {
    spec = CommandSpec.create();
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  /** A benchmark's failures are told as any command's. */
  interface Measurement {
    int run() throws InterruptedException;
  }

  static int measure(Measurement measurement) throws InterruptedException {
    try {
      return measurement.run();
    } catch (BenchException e) {
      throw new CommandFailure(String.valueOf(e.getMessage()), e.hint());
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(
          CommandFailure.USAGE, String.valueOf(e.getMessage()), "see --help for the options");
    }
  }

  /** The script that a user types; measurements start it as a user does. */
  static Launcher launcher() {
    return new Launcher(script());
  }

  /** Where the sources are, with what is built from them. */
  static Path sources() {
    return Optional.ofNullable(script().toAbsolutePath().getParent()).orElse(Path.of(""));
  }

  private static Path script() {
    return Path.of(
        Optional.ofNullable(System.getenv("PGFLEET_LAUNCHER"))
            .orElseThrow(() ->
                new CommandFailure(
                    "it is not known where ./pgfleet is",
                    "start this benchmark with ./pgfleet, or set PGFLEET_LAUNCHER to it")));
  }

  /** {@code pgfleet bench carddb}. */
  @Command(
      name = "carddb",
      description = {
        "Collectors at work on the CardDB example, while you kill the primary.",
        "",
        "They search cards, show collections, add to them and trade. At the end every write that"
            + " was acknowledged must be in the database exactly once, and coins and cards must"
            + " add up."
      },
      footer = {"", "Exit status: 1 if an acknowledged write is missing or the totals changed."})
  static final class CardDb implements Callable<Integer> {
    private static final long SEED = 20_260_101;

    @Mixin private FleetChoice choice = new FleetChoice();

    @Option(
        names = "--url",
        paramLabel = "URI",
        description = "A database elsewhere: postgresql://USER:PASSWORD@HOST:PORT/DATABASE.")
    private @Nullable String url;

    @Option(
        names = "--load",
        description = "Do not work, but put collectors with generated collections in, once.")
    private boolean load;

    @Option(
        names = "--items",
        paramLabel = "N",
        defaultValue = "100000",
        description = "With --load: how many collection items. Default: ${DEFAULT-VALUE}.")
    private long items;

    @Option(
        names = "--clients",
        paramLabel = "N",
        defaultValue = "8",
        description =
            "Clients, each with one connection that it keeps; every other one uses transactions"
                + " throughout. Default: ${DEFAULT-VALUE}.")
    private int clients;

    @Option(
        names = "--seconds",
        paramLabel = "N",
        defaultValue = "30",
        description = "How long. Default: ${DEFAULT-VALUE}.")
    private int seconds;

    @Option(
        names = "--rate",
        paramLabel = "N",
        description =
            "Operations a second of all clients together. Default: as many as they get done.")
    private @Nullable Integer rate;

    @Option(
        names = "--seed",
        paramLabel = "N",
        description = "Another seed makes other items and other choices.")
    private long seed = SEED;

    @Override
    public Integer call() throws InterruptedException {
      return measure(this::run);
    }

    private int run() throws InterruptedException {
      Target target = target();
      if (load) {
        new ItemLoader(target).load(items, seed, System.out::println);
        return 0;
      }
      WorkloadSettings settings =
          new WorkloadSettings(
              clients,
              Duration.ofSeconds(seconds),
              rate == null ? OptionalInt.empty() : OptionalInt.of(rate),
              seed);
      Verdict verdict = new Workload(target, settings).run(System.out::println);
      verdict.lines().forEach(System.out::println);
      return verdict.kept() ? 0 : CommandFailure.FAILED;
    }

    private Target target() {
      if (url != null) {
        return Target.ofUri(url);
      }
      FleetRecord record = choice.started(new FleetRegistry(Folders.ofUser()));
      Connections found =
          Connections.pick(
              Connections.of(FleetChoice.spec(record), record.home()), Optional.empty());
      return new Target(
          found.gateway().host(),
          found.gateway().port(),
          found.database(),
          found.user(),
          found.password());
    }
  }

  /** {@code pgfleet bench startup}. */
  @Command(
      name = "startup",
      description = {
        "Times 'up' and 'status' with a watch, on a fleet of its own.",
        "",
        "Each run begins with an empty PGFLEET_HOME: the first 'up' unpacks PostgreSQL, makes a"
            + " cluster and copies it to two standbys. Then come 'up' after a clean 'down', and"
            + " after kill -9 of everything."
      })
  static final class Startup implements Callable<Integer> {
    @Option(
        names = "--runs",
        paramLabel = "N",
        defaultValue = "5",
        description = "How often. Default: ${DEFAULT-VALUE}.")
    private int runs;

    @Option(
        names = "--folder",
        paramLabel = "FOLDER",
        defaultValue = "${sys:java.io.tmpdir}",
        description = "Where the fleets are made. Default: ${DEFAULT-VALUE}.")
    private Path folder = Path.of("");

    @Override
    public Integer call() throws InterruptedException {
      return measure(() -> {
        if (runs < 1) {
          throw new IllegalArgumentException("at least one run");
        }
        new StartupBenchmark(launcher(), folder.toAbsolutePath()).run(runs, System.out::println);
        return 0;
      });
    }
  }
}
