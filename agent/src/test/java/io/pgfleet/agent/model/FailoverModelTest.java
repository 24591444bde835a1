package io.pgfleet.agent.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.agent.model.Explorer.Report;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Every order of steps of small groups, within the bounds of each.
 *
 * <p>{@code -Dmodel.traces=true} prints the shortest way to each planted flaw's harm, {@code
 * -Dmodel.depth=N} adds so many steps to each group that is not explored whole.
 */
class FailoverModelTest {
  private static final boolean TRACES = Boolean.getBoolean("model.traces");
  private static final int DEEPER = Integer.getInteger("model.depth", 0);
  private static final int WHOLE = 200;

  /** Without the simulation's runs, which have tens of thousands of choices each. */
  private static final long LEAST_SCHEDULES = 2_000_000;

  private static final Set<Fault> ALL = EnumSet.allOf(Fault.class);
  private static final Set<Fault> DEATHS = EnumSet.of(Fault.SERVER_DIES, Fault.AGENT_DIES);

  private static final Bounds PAIR = new Bounds(2, 0, 1, true, 2, 2, 1, ALL, 1, false, WHOLE);
  private static final Bounds THREE = new Bounds(3, 0, 1, true, 2, 2, 1, ALL, 0, true, 18);

  @Test
  void rulesHoldInEveryOrderOfSteps() {
    long schedules =
        Stream.of(PAIR, THREE).mapToLong(FailoverModelTest::schedulesWithoutViolation).sum();
    assertThat(schedules).isGreaterThanOrEqualTo(LEAST_SCHEDULES);
  }

  private static long schedulesWithoutViolation(Bounds bounds) {
    Bounds wanted = bounds.depth() == WHOLE ? bounds : bounds.deeper(DEEPER);
    Report report = new Explorer(wanted, Flaw.NONE).explore();
    System.out.println(wanted + ": " + report.words());
    assertThat(report.violation()).as("violation in %s", wanted).isNull();
    assertThat(report.whole()).as("%s is explored whole", wanted).isEqualTo(bounds.depth() == WHOLE);
    return report.schedules();
  }

  @TestFactory
  Stream<DynamicTest> checkerFinds() {
    return EnumSet.complementOf(EnumSet.of(Flaw.NONE)).stream()
        .map(flaw -> DynamicTest.dynamicTest(flaw.name(), () -> assertFound(flaw)));
  }

  private static void assertFound(Flaw flaw) {
    Report report = new Explorer(flaw.bounds(), flaw).explore();
    if (TRACES) {
      System.out.println(flaw + ": " + report.words());
      report.violation().forEach(System.out::println);
    }
    assertThat(report.violation()).as("%s is found", flaw).isNotNull();
    assertThat(report.violation().getLast()).contains(flaw.harm());
  }

}
