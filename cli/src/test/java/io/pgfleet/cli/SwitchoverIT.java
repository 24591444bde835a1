package io.pgfleet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.bench.carddb.ItemLoader;
import io.pgfleet.bench.carddb.Verdict;
import io.pgfleet.bench.carddb.Workload;
import io.pgfleet.bench.carddb.WorkloadSettings;
import io.pgfleet.cli.control.Request;
import io.pgfleet.testkit.TestFolder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * Planned moves of the primary and a rolling restart, under load. A longer run: {@code
 * -Dswitchovers=50 -Dswitchover.clients=200}.
 */
final class SwitchoverIT {
  private static final int MOVES = Integer.getInteger("switchovers", 4);
  private static final int CLIENTS = Integer.getInteger("switchover.clients", 40);
  private static final int ITEMS = 5_000;

  /** Time that one move, and making the fleet whole after it, may take in the plan of the run. */
  private static final Duration EACH = Duration.ofSeconds(5);

  @Test
  void plannedMovesUnderLoadShowNoClientAnError() throws Exception {
    try (TestFolder folder = TestFolder.create();
        CardDbFleet fleet = CardDbFleet.start(folder, "")) {
      new ItemLoader(fleet.target()).load(ITEMS, 1, line -> {});
      AtomicInteger moves = new AtomicInteger();
      List<String> story = Collections.synchronizedList(new ArrayList<>());
      Thread mover = Thread.ofPlatform().daemon().start(() -> move(fleet, moves, story));
      Verdict verdict =
          new Workload(
                  fleet.target(),
                  new WorkloadSettings(
                      CLIENTS, EACH.multipliedBy(MOVES), OptionalInt.of(CLIENTS * 5), 1))
              .run(story::add);
      mover.join();
      story.addAll(verdict.lines());
      String told = String.join("\n", story);
      System.out.println(told);

      assertThat(moves).as(told).hasValue(MOVES);
      assertThat(verdict.acknowledged()).as(told).isPositive();
      assertThat(verdict.kept()).as(told).isTrue();
      assertThat(verdict.errors()).as(told).isZero();
      assertThat(verdict.reconnected()).as(told).isZero();
    }
  }

  @Test
  void aRollingRestartUnderLoadShowsNoClientAnError() throws Exception {
    try (TestFolder folder = TestFolder.create();
        CardDbFleet fleet = CardDbFleet.start(folder, "")) {
      new ItemLoader(fleet.target()).load(ITEMS, 1, line -> {});
      List<String> story = Collections.synchronizedList(new ArrayList<>());
      AtomicInteger restarts = new AtomicInteger();
      Thread operator = Thread.ofPlatform().daemon().start(() -> restart(fleet, restarts, story));
      Verdict verdict =
          new Workload(
                  fleet.target(),
                  new WorkloadSettings(
                      CLIENTS, Duration.ofSeconds(30), OptionalInt.of(CLIENTS * 5), 1))
              .run(story::add);
      operator.join();
      story.addAll(verdict.lines());
      String told = String.join("\n", story);
      System.out.println(told);

      assertThat(restarts).as(told).hasValue(2);
      assertThat(verdict.acknowledged()).as(told).isPositive();
      assertThat(verdict.kept()).as(told).isTrue();
      assertThat(verdict.errors()).as(told).isZero();
      assertThat(verdict.reconnected()).as(told).isZero();
    }
  }

  private static void restart(CardDbFleet fleet, AtomicInteger restarts, List<String> story) {
    try {
      String first = fleet.primary();
      story.add(fleet.ask(Request.of("restart")));
      assertThat(fleet.primary()).isNotEqualTo(first);
      restarts.incrementAndGet();
      Request inPlace = new Request("restart", Optional.of(fleet.primary()), List.of());
      story.add(fleet.ask(inPlace));
      restarts.incrementAndGet();
    } catch (RuntimeException | AssertionError e) {
      story.add("restarting ended: " + e);
    }
  }

  private static void move(CardDbFleet fleet, AtomicInteger moves, List<String> story) {
    try {
      while (moves.get() < MOVES) {
        Thread.sleep(500);
        String before = fleet.primary();
        fleet.switchover();
        fleet.awaitReady();
        story.add("move " + moves.incrementAndGet() + ": " + before + " to " + fleet.primary());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | AssertionError e) {
      story.add("moving ended: " + e);
    }
  }
}
