package io.pgfleet.agent.decide;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.agent.decide.SyncPlan.Step;
import io.pgfleet.consensus.group.SyncSet;
import io.pgfleet.spec.Durability;
import io.pgfleet.spec.NodeName;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SyncGoalTest {
  private static final NodeName B = new NodeName("b");
  private static final NodeName C = new NodeName("c");
  private static final NodeName D = new NodeName("d");
  private static final NodeName E = new NodeName("e");
  private static final Set<NodeName> OTHERS = Set.of(B, C, D, E);

  private static SyncGoal goal(Durability durability, int synchronous) {
    return new SyncGoal(durability, synchronous, OTHERS);
  }

  @Test
  void quorumWaitsForThoseThatAreThere() {
    SyncGoal two = goal(Durability.QUORUM, 2);
    assertThat(two.wanted(List.of(B, C, D))).isEqualTo(SyncSet.of(List.of(B, C, D), 2));
    assertThat(two.wanted(List.of(B))).isEqualTo(SyncSet.of(List.of(B), 1));
    assertThat(two.wanted(List.of())).isEqualTo(SyncSet.NONE);
  }

  @Test
  void asyncWaitsForNobody() {
    assertThat(goal(Durability.ASYNC, 0).wanted(List.of(B, C))).isEqualTo(SyncSet.NONE);
  }

  @Test
  void asyncWaitsForTheNextPrimaryWhileItMoves() {
    SyncGoal async = goal(Durability.ASYNC, 0);
    assertThat(async.wanted(List.of(B, C), Optional.of(C))).isEqualTo(SyncSet.of(List.of(C), 1));
    assertThat(async.wanted(List.of(B), Optional.of(C))).isEqualTo(SyncSet.NONE);
    assertThat(async.wanted(List.of(B, C), Optional.empty())).isEqualTo(SyncSet.NONE);
    SyncGoal quorum = goal(Durability.QUORUM, 1);
    assertThat(quorum.wanted(List.of(B, C), Optional.of(C)))
        .isEqualTo(SyncSet.of(List.of(B, C), 1));
  }

  @Test
  void strictWaitsForWhoeverComesBackWhenTooFewAreThere() {
    SyncGoal two = goal(Durability.STRICT, 2);
    assertThat(two.wanted(List.of(B, C, D))).isEqualTo(SyncSet.of(List.of(B, C, D), 2));
    assertThat(two.wanted(List.of(B, C))).isEqualTo(SyncSet.of(List.of(B, C), 2));
    assertThat(two.wanted(List.of(B))).isEqualTo(SyncSet.of(OTHERS, 2));
    assertThat(two.wanted(List.of())).isEqualTo(SyncSet.of(OTHERS, 2));
    assertThat(two.atRest()).isEqualTo(SyncSet.of(OTHERS, 2));
  }

  /** Over all states that a strict group can be in, and all standbys that can be there. */
  @Test
  void noStepOfAStrictGroupLowersWhatCommitsWaitFor() {
    for (int k = 1; k <= OTHERS.size(); k++) {
      SyncGoal goal = goal(Durability.STRICT, k);
      for (SyncSet voters : sets()) {
        for (List<NodeName> present : subsets()) {
          SyncSet names = goal.atFirst(present, voters);
          assertThat(names.acknowledging()).isGreaterThanOrEqualTo(k);
          assertThat(SyncPlan.safe(names, voters)).as("%s with %s", names, voters).isTrue();
          for (List<NodeName> later : subsets()) {
            walk(goal, names, voters, goal.wanted(later));
          }
        }
      }
    }
  }

  private static void walk(SyncGoal goal, SyncSet first, SyncSet voting, SyncSet wanted) {
    SyncSet names = first;
    SyncSet voters = voting;
    while (true) {
      switch (SyncPlan.next(names, voters, wanted)) {
        case Step.Done() -> {
          return;
        }
        case Step.SetNames(SyncSet changed) -> names = changed;
        case Step.SetVoters(SyncSet changed, boolean _) -> voters = changed;
      }
      assertThat(names.acknowledging()).isGreaterThanOrEqualTo(goal.synchronous());
    }
  }

  @Test
  void theFirstNamesAreSafeWithTheVotersThatStand() {
    for (Durability durability : List.of(Durability.QUORUM, Durability.ASYNC)) {
      for (SyncSet voters : sets()) {
        for (List<NodeName> alive : subsets()) {
          SyncSet names = goal(durability, durability.waits() ? 2 : 0).atFirst(alive, voters);
          assertThat(SyncPlan.safe(names, voters)).isTrue();
        }
      }
    }
  }

  private static List<List<NodeName>> subsets() {
    List<NodeName> all = List.of(B, C, D, E);
    List<List<NodeName>> subsets = new ArrayList<>();
    for (int bits = 0; bits < 1 << all.size(); bits++) {
      List<NodeName> picked = new ArrayList<>();
      for (int i = 0; i < all.size(); i++) {
        if ((bits >> i & 1) == 1) {
          picked.add(all.get(i));
        }
      }
      subsets.add(picked);
    }
    return subsets;
  }

  private static List<SyncSet> sets() {
    List<SyncSet> sets = new ArrayList<>();
    sets.add(SyncSet.NONE);
    for (List<NodeName> members : subsets()) {
      for (int acknowledging = 1; acknowledging <= members.size(); acknowledging++) {
        sets.add(SyncSet.of(members, acknowledging));
      }
    }
    return sets;
  }
}
