package io.pgfleet.agent.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.agent.sim.Simulation.Shape;
import io.pgfleet.spec.Durability;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Agents over simulated servers, networks and consensus, with everything going wrong that can.
 *
 * <p>{@code -Dsimulation.seed=N} runs one seed again, {@code -Dsimulation.seeds=N} so many.
 */
class AgentSimulationTest {
  private static final long SEEDS = Long.getLong("simulation.seeds", 200);

  /** The last part of what happened before a failure. */
  private static final int JOURNAL_LINES = Integer.getInteger("simulation.lines", 150);

  private static Shape shape(long seed) {
    boolean cascades = seed / 8 % 3 == 1;
    return switch ((int) (seed % 8)) {
      case 0 -> new Shape(Durability.QUORUM, 3, 1, cascades);
      case 1 -> new Shape(Durability.QUORUM, 3, 2, cascades);
      case 2 -> new Shape(Durability.QUORUM, 5, 1, cascades);
      case 3 -> new Shape(Durability.QUORUM, 5, 2, cascades);
      case 4 -> new Shape(Durability.STRICT, 3, 1, cascades);
      case 5 -> new Shape(Durability.STRICT, 3, 2, cascades);
      case 6 -> new Shape(Durability.STRICT, 5, 2, cascades);
      default -> new Shape(Durability.ASYNC, 3, 0, cascades);
    };
  }

  private static Simulation simulation(long seed, Flaw flaw, boolean telling) {
    return new Simulation(seed, shape(seed), flaw, telling);
  }

  @Test
  void rulesOfFailoverHoldWhateverFails() {
    Long one = Long.getLong("simulation.seed");
    long acknowledged =
        (one == null ? LongStream.range(0, SEEDS).parallel() : LongStream.of(one))
            .map(AgentSimulationTest::acknowledgedCommits)
            .sum();
    assertThat(acknowledged).isPositive();
  }

  /** Else the checks of an asynchronous group would check nothing. */
  @Test
  void asynchronousGroupsDoElectStandbysThatMayLackSomething() {
    int promoted = 0;
    for (long seed = 7; seed < 240 && promoted == 0; seed += 8) {
      Simulation simulation = simulation(seed, Flaw.NONE, false);
      simulation.run();
      promoted += simulation.promotedBehind();
    }
    assertThat(promoted).isPositive();
  }

  @Test
  void aHealthyPrimaryGoesOnWithoutTheConsensusServers() {
    for (long seed = 0; seed < 16; seed++) {
      Simulation.Outage outage = simulation(seed, Flaw.NONE, false).outage(false);
      assertThat(outage.terms()).as("new terms, seed %s", seed).isZero();
      // Where commits wait for nobody it stops: its position could not be recorded.
      boolean goesOn = shape(seed).durability().waits();
      assertThat(outage.lateCommits() > 0).as("commits, seed %s", seed).isEqualTo(goesOn);
    }
  }

  /** The ones that are left can't elect anybody without it, or promise to wait. */
  @Test
  void aPrimaryGoesOnWithoutTheConsensusServersAlsoIfAStandbyIsDown() {
    for (long seed : List.of(0L, 8L, 2L, 10L, 3L, 11L)) {
      Simulation.Outage outage = simulation(seed, Flaw.NONE, false).outage(true);
      assertThat(outage.terms()).as("new terms, seed %s", seed).isZero();
      assertThat(outage.lateCommits()).as("commits, seed %s", seed).isPositive();
    }
  }

  private static int acknowledgedCommits(long seed) {
    try {
      return simulation(seed, Flaw.NONE, false).run();
    } catch (AssertionError first) {
      throw new AssertionError(
          "seed " + seed + ": " + first.getMessage() + "\n" + again(seed), first);
    }
  }

  /** The same once more, with a journal. */
  private static String again(long seed) {
    Simulation simulation = simulation(seed, Flaw.NONE, true);
    try {
      simulation.run();
      return "It did not fail the second time: the simulation is not deterministic.";
    } catch (AssertionError second) {
      String[] lines = simulation.journal().split("\n", -1);
      int from = Math.max(0, lines.length - JOURNAL_LINES);
      return String.join("\n", java.util.Arrays.asList(lines).subList(from, lines.length));
    }
  }

  @TestFactory
  java.util.stream.Stream<DynamicTest> simulationNotices() {
    return EnumSet.complementOf(EnumSet.of(Flaw.NONE)).stream()
        .map(flaw -> DynamicTest.dynamicTest(flaw.name(), () -> assertNoticed(flaw)));
  }

  private static void assertNoticed(Flaw flaw) {
    OptionalInt seed =
        fails(flaw.likely(), flaw)
            ? OptionalInt.of(flaw.likely())
            : IntStream.range(0, 1_000).parallel().filter(one -> fails(one, flaw)).findAny();
    assertThat(seed).as("the seed that brings %s to light", flaw).isPresent();
    System.out.println(flaw + " comes to light with seed " + seed.getAsInt());
  }

  private static boolean fails(long seed, Flaw flaw) {
    try {
      simulation(seed, flaw, false).run();
      return false;
    } catch (AssertionError e) {
      // Within an agent's round it comes wrapped.
      if (e instanceof Checks.Violation || e.getCause() instanceof Checks.Violation) {
        return true;
      }
      throw e;
    }
  }
}
