package io.pgfleet.chaos.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class FaultPlanTest {
  private static final Set<FaultKind> ALL = EnumSet.allOf(FaultKind.class);

  private static List<Fault> first(long seed, int count) {
    FaultPlan plan = new FaultPlan(seed, ALL);
    return Stream.generate(plan::next).limit(count).toList();
  }

  @Test
  void theSameSeedGivesTheSamePlan() {
    assertThat(first(7, 100)).isEqualTo(first(7, 100)).isNotEqualTo(first(8, 100));
  }

  @Test
  void eachKindComesOnceARound() {
    List<Fault> faults = first(3, 2 * ALL.size());
    for (FaultKind kind : ALL) {
      assertThat(faults.subList(0, ALL.size())).filteredOn(one -> one.kind() == kind).hasSize(1);
      assertThat(faults).filteredOn(one -> one.kind() == kind).hasSize(2);
    }
    assertThat(faults).extracting(Fault::number).startsWith(1, 2, 3);
  }

  @Test
  void everyRoleIsHitAndThePrimaryMostOften() {
    List<Fault> faults = first(11, 1000);
    for (Fault.Victim victim : Fault.Victim.values()) {
      assertThat(faults).filteredOn(one -> one.victim() == victim).hasSizeGreaterThan(100);
    }
    assertThat(faults)
        .filteredOn(one -> one.victim() == Fault.Victim.PRIMARY)
        .hasSizeBetween(500, 700);
  }

  @Test
  void freezesAreShorterAndLongerThanALease() {
    assertThat(first(5, 2000))
        .filteredOn(one -> one.kind() == FaultKind.POSTGRES_FROZEN)
        .anyMatch(one -> one.lasting().toMillis() < 3000)
        .anyMatch(one -> one.lasting().toMillis() > 6000);
  }

  @Test
  void aPlanWithoutKindsIsRefused() {
    assertThatThrownBy(() -> new FaultPlan(1, Set.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
