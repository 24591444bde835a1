package io.pgfleet.agent.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.agent.model.Explorer.Report;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Every order of steps of small groups, within the bounds of each.
 *
 * <p>{@code -Dmodel.traces=true} prints a shortest way to the harm that each planted flaw does,
 * {@code -Dmodel.depth=N} goes so many steps deeper where a group is not explored whole.
 */
class FailoverModelTest {
  private static final boolean TRACES = Boolean.getBoolean("model.traces");
  private static final int DEEPER = Integer.getInteger("model.depth", 0);

  /** What all groups must amount to at least, or a change has made the model blind. */
  private static final long LEAST_SCHEDULES = 10_000_000;

  private static final Set<Fault> ALL = EnumSet.allOf(Fault.class);

  private static final List<Bounds> GROUPS =
      List.of(
          new Bounds(2, 0, 1, true, 3, 2, 1, ALL, 1, false, Bounds.WHOLE),
          new Bounds(2, 0, 1, true, 2, 2, 2, ALL, 0, false, Bounds.WHOLE),
          new Bounds(3, 0, 1, true, 3, 2, 1, ALL, 0, true, 20),
          new Bounds(3, 0, 1, true, 2, 2, 1, ALL, 1, true, 16),
          new Bounds(3, 0, 2, true, 2, 2, 1, ALL, 1, true, 16),
          new Bounds(3, 0, 1, false, 2, 2, 1, ALL, 2, true, 12),
          new Bounds(2, 1, 1, true, 2, 2, 1, ALL, 1, true, 12),
          new Bounds(3, 1, 1, true, 2, 2, 1, ALL, 0, true, 10));

  @Test
  void rulesHoldInEveryOrderOfSteps() {
    Set<Sight> sights = EnumSet.noneOf(Sight.class);
    long schedules = 0;
    for (Bounds bounds : GROUPS) {
      boolean whole = bounds.depth() == Bounds.WHOLE;
      Bounds reach = whole ? bounds : bounds.to(bounds.depth() + DEEPER);
      Report report = new Explorer(reach, Flaw.NONE).explore();
      System.out.println(reach.words() + ": " + report.words());
      assertThat(violation(report)).isEmpty();
      assertThat(report.whole()).isEqualTo(whole);
      sights.addAll(report.sights());
      schedules += report.schedules();
    }
    System.out.println(schedules + " schedules of all groups");
    assertThat(sights).containsExactlyInAnyOrder(Sight.values());
    assertThat(schedules).isGreaterThanOrEqualTo(LEAST_SCHEDULES);
  }

  @TestFactory
  Stream<DynamicTest> checkerFinds() {
    return EnumSet.complementOf(EnumSet.of(Flaw.NONE)).stream()
        .map(flaw -> DynamicTest.dynamicTest(flaw.name(), () -> assertFound(flaw)));
  }

  private static void assertFound(Flaw flaw) {
    Report report = new Explorer(flaw.bounds(), flaw).explore();
    if (TRACES) {
      System.out.println(flaw + ": " + report.words() + "\n" + violation(report));
    }
    assertThat(violation(report)).contains(flaw.harm());
    // The same without the flaw, as deep: what was found is the flaw's doing.
    Report sound = new Explorer(flaw.bounds().to(report.depth()), Flaw.NONE).explore();
    assertThat(violation(sound)).isEmpty();
  }

  private static String violation(Report report) {
    List<String> steps = report.violation();
    return steps == null ? "" : String.join("\n", steps);
  }
}
