package io.pgfleet.bench.startup;

import io.pgfleet.bench.MachineFacts;
import io.pgfleet.bench.fleet.FleetShape;
import io.pgfleet.bench.fleet.Launcher;
import io.pgfleet.bench.fleet.Launcher.Outcome;
import io.pgfleet.bench.fleet.ScratchFleet;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * Times {@code up} and {@code status} as a user does, with a watch: a process each, from its start
 * to its end. Each run begins with an empty PGFLEET_HOME, so the first {@code up} unpacks
 * PostgreSQL, makes a database cluster and copies it to two standbys.
 */
public final class StartupBenchmark {
  private static final int NODES = 3;

  /** A line of {@code up --detach} by which a node is the primary. */
  private static final Pattern PRIMARY = Pattern.compile("\\bn\\d+ primary\\b");

  private final Launcher launcher;
  private final Path within;
  private int notWhole;

  /**
   * A benchmark.
   *
   * @param within the folder below which fleets are made
   */
  public StartupBenchmark(Launcher launcher, Path within) {
    this.launcher = launcher;
    this.within = within;
  }

  /** Runs it so many times, and prints a table. */
  public void run(int runs, Consumer<String> said) throws InterruptedException {
    List<String> machine = MachineFacts.lines(within);
    Timings timings = new Timings();
    for (int run = 1; run <= runs; run++) {
      said.accept("run " + run + " of " + runs);
      once(timings);
    }
    said.accept("");
    machine.forEach(said);
    said.accept("");
    timings.table().forEach(said);
    if (notWhole > 0) {
      said.accept(
          notWhole
              + " times 'up' ended as ready, and 'status' right after it saw a standby missing");
    }
  }

  private void once(Timings timings) throws InterruptedException {
    try (ScratchFleet fleet = ScratchFleet.prepare(launcher, within, FleetShape.of(NODES))) {
      up(fleet, "first up", timings);
      status(fleet, timings);
      timings.add("down", fleet.down().took());
      up(fleet, "up after down", timings);
      status(fleet, timings);
      fleet.killEverything();
      up(fleet, "up after kill -9 of everything", timings);
      status(fleet, timings);
    }
  }

  /** What 'up' called ready must still be so a moment later; if not, its time says too little. */
  private void status(ScratchFleet fleet, Timings timings) throws InterruptedException {
    Outcome outcome = fleet.status();
    timings.add("status", outcome.took());
    if (outcome.status() != 0) {
      notWhole++;
    }
  }

  private static void up(ScratchFleet fleet, String name, Timings timings)
      throws InterruptedException {
    Outcome outcome = fleet.up();
    outcome.lines().stream()
        .filter(line -> PRIMARY.matcher(line.text()).find())
        .findFirst()
        .ifPresent(line -> timings.add(name + ": primary serves", line.at()));
    timings.add(name + ": ready", outcome.took());
  }
}
