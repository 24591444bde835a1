package io.pgfleet.chaos;

import io.pgfleet.chaos.check.Findings;
import io.pgfleet.chaos.check.Outages;
import io.pgfleet.chaos.client.Journal;
import io.pgfleet.chaos.client.Probe;
import io.pgfleet.chaos.client.RoleSpan;
import io.pgfleet.chaos.client.RunClock;
import io.pgfleet.chaos.client.Workload;
import io.pgfleet.chaos.plan.Fault;
import io.pgfleet.chaos.plan.FaultPlan;
import io.pgfleet.chaos.report.Run;
import io.pgfleet.chaos.report.Run.FaultDone;
import io.pgfleet.chaos.stage.FaultHands;
import io.pgfleet.chaos.stage.GroupWatch;
import io.pgfleet.chaos.stage.Stage;
import io.pgfleet.chaos.stage.StageException;
import io.pgfleet.chaos.stage.Tables;
import io.pgfleet.testkit.fleet.FleetNode;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** One run: a fleet, clients, the faults of a plan one after the other, and the verdict. */
public final class ChaosRun {
  private static final Duration FIRST_START = Duration.ofMinutes(4);
  private static final Duration WARM_UP = Duration.ofSeconds(3);
  private static final Duration NOTABLE_OUTAGE = Duration.ofMillis(250);

  /** A read may have been answered by the newest state that the lag allows, and on its way then. */
  private static final Duration READ_SLACK = Duration.ofSeconds(3);

  private final ChaosSettings settings;
  private final Consumer<String> said;
  private final Findings findings = new Findings();
  private final Instant began = Instant.now();
  private final RunClock clock = new RunClock();
  private final Journal journal = new Journal(clock, findings);
  private final List<String> notes = new CopyOnWriteArrayList<>();
  private final List<FaultDone> done = new ArrayList<>();

  private ChaosRun(ChaosSettings settings, Consumer<String> said) {
    this.settings = settings;
    this.said = said;
  }

  /**
   * Runs.
   *
   * @param said told what happens
   * @throws StageException if there could be no run, which is no verdict about the fleet
   */
  public static Run run(ChaosSettings settings, Consumer<String> said) throws InterruptedException {
    return new ChaosRun(settings, said).onStage();
  }

  private Run onStage() throws InterruptedException {
    say("making three hosts with nodes and one with the gateway in " + settings.folder());
    try (Stage stage =
        Stage.set(
            new Stage.Settings(
                settings.folder(), settings.lease(), settings.strict(), settings.postgres()),
            this::note)) {
      GroupWatch watch = new GroupWatch(stage);
      String versions = begin(stage, watch);
      List<Probe> probes = new ArrayList<>();
      for (FleetNode node : stage.nodes()) {
        probes.add(new Probe(node.name(), stage.probe(node), journal));
      }
      Workload workload =
          new Workload(stage.writer(), stage.reader(), stage.maxLag().plus(READ_SLACK), journal);
      try {
        Thread.sleep(WARM_UP);
        work(new FaultPlan(settings.seed(), settings.kinds()), stage, watch);
      } finally {
        workload.close();
        probes.forEach(Probe::close);
      }
      Duration length = clock.now();
      watch
          .awaitWhole(settings.heal())
          .ifPresent(lack -> findings.add("the group is not whole in the end: " + lack));
      say("comparing what clients were told with what the servers have");
      try {
        new Verdict(stage, journal, findings).reach(watch);
      } catch (IOException | SQLException e) {
        findings.add("the servers could not be read in the end: " + e.getMessage());
      }
      return result(length, versions, stage, probes);
    } catch (IOException e) {
      throw new IllegalStateException("a process could not be started: " + e.getMessage(), e);
    }
  }

  private String begin(Stage stage, GroupWatch watch) throws IOException, InterruptedException {
    stage.start();
    long from = System.nanoTime();
    Optional<String> lack = watch.awaitWhole(FIRST_START);
    if (lack.isPresent()) {
      throw new IllegalStateException(
          "the fleet did not get whole at first: " + lack.get() + "; see " + settings.folder());
    }
    say("the fleet is whole after " + seconds(Duration.ofNanos(System.nanoTime() - from)));
    try {
      FleetNode primary = watch.primary().orElseThrow();
      Tables.make(stage.writer(), stage.superuser(primary));
      return Verdict.version(stage.superuser(primary));
    } catch (SQLException e) {
      throw new IllegalStateException("the tables could not be made: " + e.getMessage(), e);
    }
  }

  private void work(FaultPlan plan, Stage stage, GroupWatch watch) throws InterruptedException {
    FaultHands hands = new FaultHands(stage, watch);
    Duration end = clock.now().plus(settings.time());
    boolean whole = true;
    while (whole && done.size() < settings.faults() && clock.now().compareTo(end) < 0) {
      Fault fault = plan.next();
      say(fault + " ...");
      try {
        FaultDone one = once(fault, hands, watch);
        done.add(one);
        whole = one.whole().isPresent();
      } catch (StageException e) {
        findings.add("fault " + fault + " at " + clock.now().toMillis() + " ms: " + e.getMessage());
      }
      Thread.sleep(fault.calm());
    }
  }

  private FaultDone once(Fault fault, FaultHands hands, GroupWatch watch)
      throws InterruptedException {
    Duration begun = clock.now();
    FaultHands.Done hit = hands.begin(fault);
    Thread.sleep(fault.lasting());
    try {
      hit.undo();
    } catch (IOException e) {
      throw new IllegalStateException(fault + " could not be taken back: " + e.getMessage(), e);
    }
    Duration undone = clock.now();
    Optional<String> lack = watch.awaitWhole(settings.heal());
    Duration healed = clock.now();
    if (lack.isPresent()) {
      findings.add(
          "the group was not whole "
              + seconds(settings.heal())
              + " after "
              + fault
              + " ("
              + hit.target()
              + ") was taken back: "
              + lack.get());
    } else {
      say("  on " + hit.target() + "; whole " + seconds(healed.minus(undone)) + " after its end");
    }
    Optional<Duration> whole = lack.isEmpty() ? Optional.of(healed) : Optional.empty();
    return new FaultDone(fault, hit.target(), begun, undone, whole, Duration.ZERO, 0);
  }

  private Run result(Duration length, String versions, Stage stage, List<Probe> probes) {
    Collection<List<Duration>> clients = journal.acknowledgements().values();
    List<FaultDone> measured = new ArrayList<>();
    for (int i = 0; i < done.size(); i++) {
      Duration until = i + 1 < done.size() ? done.get(i + 1).begun() : length;
      measured.add(measured(done.get(i), until, clients));
    }
    List<RoleSpan> roles = probes.stream().flatMap(probe -> probe.spans().stream()).toList();
    return new Run(
        settings.seed(),
        began,
        length,
        settings.lease(),
        settings.strict(),
        versions,
        measured,
        stage.nodes().stream().map(FleetNode::name).toList(),
        roles,
        Outages.ofAll(clients, NOTABLE_OUTAGE),
        new Run.Traffic(
            journal.counts(Journal.Kind.APPEND),
            journal.counts(Journal.Kind.TRANSFER),
            journal.counts(Journal.Kind.PROBE),
            journal.reads(),
            journal.errors().size()),
        notes,
        findings.all());
  }

  private FaultDone measured(FaultDone one, Duration until, Collection<List<Duration>> clients) {
    long errors =
        journal.errors().stream()
            .filter(
                error -> error.at().compareTo(one.begun()) >= 0 && error.at().compareTo(until) < 0)
            .count();
    return new FaultDone(
        one.fault(),
        one.target(),
        one.begun(),
        one.undone(),
        one.whole(),
        Outages.longest(clients, one.begun(), until),
        Math.toIntExact(errors));
  }

  /** What a process does by itself. */
  private void note(String words) {
    say("  " + words);
    notes.add(String.format(Locale.ROOT, "%.1f s: %s", clock.now().toMillis() / 1000.0, words));
  }

  private void say(String words) {
    said.accept(String.format(Locale.ROOT, "%7.1f s  %s", clock.now().toMillis() / 1000.0, words));
  }

  private static String seconds(Duration duration) {
    return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
  }
}
