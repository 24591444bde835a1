package io.pgfleet.chaos;

import io.pgfleet.chaos.plan.FaultKind;
import io.pgfleet.chaos.report.ReportPage;
import io.pgfleet.chaos.report.Run;
import io.pgfleet.chaos.stage.Stage;
import io.pgfleet.chaos.stage.StageException;
import io.pgfleet.postgres.host.FileTrees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./pgfleet chaos}. */
@Command(
    name = "pgfleet chaos",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "A fleet on three hosts and a gateway on a fourth, clients, and faults at random.",
      "",
      "Hosts are network namespaces of this machine, so it takes Linux and root. Fails if an"
          + " acknowledged write is lost or doubled, if money comes or goes, if a read shows what"
          + " it must not, if two servers accept writes at the same time, or if the group does not"
          + " heal by itself. See docs/chaos.md."
    })
public final class ChaosCommand implements Callable<Integer> {
  private static final int NO_STAGE = 3;
  private static final int ENDLESS = Integer.MAX_VALUE;

  @Option(names = "--seed", paramLabel = "S", description = "to have the same faults again")
  private long seed = new Random().nextInt(1_000_000);

  @Option(
      names = "--minutes",
      paramLabel = "N",
      description = "after which no new fault begins (default: 5, or none with --faults)")
  private @Nullable Double minutes;

  @Option(names = "--faults", paramLabel = "N", description = "the most that are done")
  private @Nullable Integer faults;

  @Option(
      names = "--only",
      paramLabel = "KIND",
      split = ",",
      description = "only these kinds of faults; '--list' shows all")
  private List<String> only = List.of();

  @Option(names = "--list", description = "show the kinds of faults, and do nothing")
  private boolean list;

  @Option(names = "--report", paramLabel = "FILE", description = "the page about the run")
  private Path report = Path.of("chaos.html");

  @Option(names = "--lease", paramLabel = "SECONDS", description = "the lease (default: 3)")
  private int lease = 3;

  @Option(
      names = "--strict",
      description = "writes wait rather than go unprotected (durability: strict, not quorum)")
  private boolean strict;

  @Option(
      names = "--heal",
      paramLabel = "SECONDS",
      description = "how long the group may take to be whole after a fault (default: 90)")
  private int heal = 90;

  @Option(
      names = "--postgres",
      paramLabel = "FOLDER",
      description = "an installed PostgreSQL (default: the one that pgfleet brings along)")
  private @Nullable Path postgres;

  @Option(names = "--keep", description = "leave the logs even if every promise held")
  private boolean keep;

  /** Runs the command. */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new ChaosCommand()).execute(arguments));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (list) {
      for (FaultKind kind : FaultKind.values()) {
        System.out.printf("%-26s %s%n", kind.label(), kind.sentence());
      }
      return 0;
    }
    String obstacle = Stage.obstacle();
    if (!obstacle.isEmpty()) {
      System.err.println("pgfleet: no hosts can be made here: " + obstacle);
      return NO_STAGE;
    }
    Set<FaultKind> kinds = kinds();
    Path folder = Files.createTempDirectory("pgfleet-chaos-");
    System.out.println("seed " + seed);
    Run run;
    try {
      run = ChaosRun.run(settings(kinds, folder), System.out::println);
    } catch (StageException | IllegalStateException e) {
      System.err.println("pgfleet: no verdict: " + e.getMessage());
      System.err.println("  hint: logs are in " + folder);
      return NO_STAGE;
    }
    Files.writeString(report, ReportPage.of(run));
    say(run);
    if (run.passed() && !keep) {
      FileTrees.delete(folder);
    } else {
      System.out.println("logs: " + folder.resolve("logs"));
    }
    if (!run.passed()) {
      System.out.println("again: ./pgfleet chaos " + again());
    }
    return run.passed() ? 0 : 1;
  }

  private Set<FaultKind> kinds() {
    if (only.isEmpty()) {
      return EnumSet.allOf(FaultKind.class);
    }
    Set<FaultKind> kinds = EnumSet.noneOf(FaultKind.class);
    for (String name : only) {
      kinds.add(
          Arrays.stream(FaultKind.values())
              .filter(kind -> kind.label().equals(name))
              .findFirst()
              .orElseThrow(() ->
                  new CommandLine.ParameterException(
                      new CommandLine(this),
                      "'" + name + "' is no kind of fault; './pgfleet chaos --list' shows all")));
    }
    return kinds;
  }

  private ChaosSettings settings(Set<FaultKind> kinds, Path folder) {
    double asked = minutes != null ? minutes : faults != null ? ENDLESS : 5;
    return new ChaosSettings(
        seed,
        Duration.ofSeconds(Math.round(asked * 60)),
        faults != null ? faults : ENDLESS,
        kinds,
        folder,
        Duration.ofSeconds(lease),
        strict,
        Optional.ofNullable(postgres).map(path -> path.toAbsolutePath().normalize()),
        Duration.ofSeconds(heal));
  }

  private String again() {
    return "--seed "
        + seed
        + (faults != null ? " --faults " + faults : "")
        + (minutes != null ? " --minutes " + minutes : "")
        + (only.isEmpty() ? "" : " --only " + only.stream().collect(Collectors.joining(",")))
        + " --lease "
        + lease
        + (strict ? " --strict" : "")
        + " --heal "
        + heal
        + (postgres != null ? " --postgres " + postgres : "");
  }

  private void say(Run run) {
    Run.Traffic traffic = run.traffic();
    System.out.printf(
        "%d faults; acknowledged: %d appends, %d transfers, %d past the gateway; %d reads checked;"
            + " %d client errors%n",
        run.faults().size(),
        traffic.appends().acknowledged(),
        traffic.transfers().acknowledged(),
        traffic.probes().acknowledged(),
        traffic.reads(),
        traffic.errors());
    run.violations().forEach(violation -> System.out.println("VIOLATION: " + violation));
    System.out.println(run.passed() ? "every promise held" : "FAILED with seed " + seed);
    System.out.println("report: " + report.toAbsolutePath());
  }
}
