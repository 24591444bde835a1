package io.pgfleet.agent.decide;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.agent.decide.SyncPlan.Step;
import io.pgfleet.consensus.group.SyncSet;
import io.pgfleet.spec.NodeName;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class SyncPlanTest {
  private static final List<NodeName> NODES =
      List.of(new NodeName("a"), new NodeName("b"), new NodeName("c"), new NodeName("d"));

  /** Names and voters together: what is in force between two steps. */
  private record Rule(SyncSet names, SyncSet voters) {
    Rule after(Step step) {
      return switch (step) {
        case Step.Done() -> this;
        case Step.SetNames(SyncSet changed) -> new Rule(changed, voters);
        case Step.SetVoters(SyncSet changed, boolean _) -> new Rule(names, changed);
      };
    }
  }

  @Test
  void everyPathEndsWhereWantedAndIsSafeAtEachStep() {
    List<SyncSet> sets = allSets();
    int paths = 0;
    for (SyncSet names : sets) {
      for (SyncSet voters : sets) {
        if (!meets(names, voters)) {
          continue;
        }
        for (SyncSet wanted : sets) {
          walk(new Rule(names, voters), wanted);
          paths++;
        }
      }
    }
    assertThat(paths).isGreaterThan(5_000);
  }

  private static void walk(Rule start, SyncSet wanted) {
    Rule rule = start;
    for (int steps = 0; ; steps++) {
      Step step = SyncPlan.next(rule.names(), rule.voters(), wanted);
      if (step instanceof Step.Done) {
        assertThat(rule).isEqualTo(new Rule(wanted, wanted));
        return;
      }
      rule = rule.after(step);
      assertThat(meets(rule.names(), rule.voters()))
          .as("%s to %s, at %s", start, wanted, rule)
          .isTrue();
      assertThat(steps).as("%s to %s", start, wanted).isLessThan(6);
    }
  }

  /**
   * An adversary commits with the smallest acknowledging sets before each step, and lets only the
   * fewest members catch up where a step waits for a flush. No electing set may miss a commit.
   */
  @Test
  void noElectionMissesACommitWhicheverStandbysAcknowledgedIt() {
    List<SyncSet> sets = allSets().stream().filter(set -> !set.contains(NODES.get(3))).toList();
    for (SyncSet first : sets) {
      for (SyncSet second : sets) {
        for (SyncSet third : sets) {
          List<Set<NodeName>> holders = new ArrayList<>();
          Rule rule = drive(new Rule(first, first), second, holders);
          drive(rule, third, holders);
        }
      }
    }
  }

  private static Rule drive(Rule start, SyncSet wanted, List<Set<NodeName>> holders) {
    Rule rule = start;
    while (true) {
      for (Set<NodeName> acknowledging : subsets(rule.names(), rule.names().acknowledging())) {
        holders.add(new TreeSet<>(acknowledging));
      }
      assertNoneMissed(rule, holders);
      Step step = SyncPlan.next(rule.names(), rule.voters(), wanted);
      if (step instanceof Step.Done) {
        return rule;
      }
      if (step instanceof Step.SetVoters(SyncSet voters, boolean afterFlush) && afterFlush) {
        // The adversary lets the last of them catch up, and no more than it must.
        List<NodeName> members = List.copyOf(voters.members());
        List<NodeName> caughtUp =
            members.subList(members.size() - voters.acknowledging(), members.size());
        holders.forEach(who -> who.addAll(caughtUp));
      }
      rule = rule.after(step);
    }
  }

  private static void assertNoneMissed(Rule rule, List<Set<NodeName>> holders) {
    if (rule.voters().isEmpty()) {
      return;
    }
    for (Set<NodeName> electing : subsets(rule.voters(), rule.voters().answersNeeded())) {
      for (Set<NodeName> holding : holders) {
        assertThat(electing)
            .as("with %s a commit on %s may be missed", rule, holding)
            .containsAnyElementsOf(holding);
      }
    }
  }

  @Test
  void growingAsksMoreVotersBeforeItWaitsForFewer() {
    SyncSet one = SyncSet.of(NODES.subList(0, 1), 1);
    SyncSet two = SyncSet.of(NODES.subList(0, 2), 1);
    assertThat(SyncPlan.next(one, one, two)).isEqualTo(new Step.SetVoters(two, true));
    assertThat(SyncPlan.next(one, two, two)).isEqualTo(new Step.SetNames(two));
  }

  @Test
  void shrinkingWaitsForFewerBeforeItBelievesFewer() {
    SyncSet one = SyncSet.of(NODES.subList(0, 1), 1);
    SyncSet two = SyncSet.of(NODES.subList(0, 2), 1);
    assertThat(SyncPlan.next(two, two, one)).isEqualTo(new Step.SetNames(one));
    assertThat(SyncPlan.next(one, two, one)).isEqualTo(new Step.SetVoters(one, true));
  }

  @Test
  void aSettingChangedBehindOurBackMakesOnlyThePrimaryElectable() {
    SyncSet two = SyncSet.of(NODES.subList(0, 2), 1);
    assertThat(SyncPlan.next(SyncSet.NONE, two, two))
        .isEqualTo(new Step.SetVoters(SyncSet.NONE, false));
  }

  /** The invariant by its definition, over all sets, rather than by the formula under test. */
  private static boolean meets(SyncSet names, SyncSet voters) {
    if (voters.isEmpty()) {
      return true;
    }
    for (Set<NodeName> electing : subsets(voters, voters.answersNeeded())) {
      for (Set<NodeName> acknowledging : subsets(names, names.acknowledging())) {
        if (acknowledging.stream().noneMatch(electing::contains)) {
          return false;
        }
      }
    }
    return true;
  }

  private static List<SyncSet> allSets() {
    List<SyncSet> sets = new ArrayList<>();
    for (int bits = 0; bits < 1 << NODES.size(); bits++) {
      List<NodeName> members = pick(NODES, bits);
      if (members.isEmpty()) {
        sets.add(SyncSet.NONE);
      }
      for (int acknowledging = 1; acknowledging <= members.size(); acknowledging++) {
        sets.add(SyncSet.of(members, acknowledging));
      }
    }
    return sets;
  }

  private static List<Set<NodeName>> subsets(SyncSet set, int size) {
    List<NodeName> members = List.copyOf(set.members());
    List<Set<NodeName>> subsets = new ArrayList<>();
    for (int bits = 0; bits < 1 << members.size(); bits++) {
      if (Integer.bitCount(bits) == size) {
        subsets.add(Set.copyOf(pick(members, bits)));
      }
    }
    return subsets;
  }

  private static List<NodeName> pick(List<NodeName> from, int bits) {
    List<NodeName> picked = new ArrayList<>();
    for (int i = 0; i < from.size(); i++) {
      if ((bits >> i & 1) == 1) {
        picked.add(from.get(i));
      }
    }
    return picked;
  }
}
