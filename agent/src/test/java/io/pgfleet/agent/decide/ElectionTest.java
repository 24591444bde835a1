package io.pgfleet.agent.decide;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.agent.decide.Election.Outcome;
import io.pgfleet.consensus.group.GroupState;
import io.pgfleet.consensus.group.SyncSet;
import io.pgfleet.consensus.group.Term;
import io.pgfleet.consensus.group.Vote;
import io.pgfleet.consensus.group.WrittenWal;
import io.pgfleet.spec.NodeName;
import io.pgfleet.wire.Lsn;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ElectionTest {
  private static final NodeName A = new NodeName("a");
  private static final NodeName B = new NodeName("b");
  private static final NodeName C = new NodeName("c");
  private static final NodeName D = new NodeName("d");
  private static final Term TERM = new Term(5);

  private static GroupState state(int acknowledging, NodeName... voters) {
    return new GroupState(7, TERM, A, SyncSet.of(List.of(voters), acknowledging));
  }

  private static Vote vote(NodeName node, int timeline, long flushed) {
    return new Vote(node, TERM, timeline, new Lsn(flushed));
  }

  private static Outcome count(GroupState state, Vote... votes) {
    return Election.count(state, List.of(votes), Optional.empty(), Optional.empty());
  }

  @Test
  void whoHasMostOfTheWalWins() {
    Vote less = vote(B, 1, 90);
    Vote most = vote(C, 1, 100);
    assertThat(count(state(1, B, C), less, most))
        .isEqualTo(new Outcome.Elected(C, List.of(less, most)));
  }

  @Test
  void aLaterTimelineBeatsMoreWal() {
    Vote abandoned = vote(B, 1, 500);
    Vote later = vote(C, 2, 100);
    assertThat(count(state(1, B, C), abandoned, later))
        .isEqualTo(new Outcome.Elected(C, List.of(abandoned, later)));
  }

  @Test
  void tooFewVotersDecideNothing() {
    assertThat(count(state(1, B, C), vote(C, 1, 100))).isInstanceOf(Outcome.Undecided.class);
    assertThat(count(state(1, B, C))).isInstanceOf(Outcome.Undecided.class);
  }

  @Test
  void oneVoterIsEnoughWhereAllOfThemAcknowledge() {
    Vote only = vote(C, 1, 100);
    assertThat(count(state(2, B, C), only)).isEqualTo(new Outcome.Elected(C, List.of(only)));
  }

  @Test
  void whoIsNoVoterDoesNotMakeUpTheNumberButMayWin() {
    Vote voter = vote(C, 1, 100);
    Vote outsider = vote(D, 1, 120);
    assertThat(count(state(1, B, C), voter, outsider)).isInstanceOf(Outcome.Undecided.class);
    assertThat(count(state(2, B, C), voter, outsider))
        .isEqualTo(new Outcome.Elected(D, List.of(voter, outsider)));
  }

  @Test
  void votesAgainstAnotherTermDoNotCount() {
    Vote old = new Vote(B, new Term(4), 1, new Lsn(900));
    Vote one = vote(C, 1, 100);
    assertThat(count(state(1, B, C), old, one)).isInstanceOf(Outcome.Undecided.class);
    assertThat(count(state(2, B, C), old, one)).isEqualTo(new Outcome.Elected(C, List.of(one)));
  }

  @Test
  void theLastPrimarysAnswerIsEnoughByItself() {
    Vote leader = vote(A, 1, 100);
    assertThat(count(state(1, B, C), leader)).isEqualTo(new Outcome.Elected(A, List.of(leader)));
  }

  @Test
  void withoutVotersOnlyTheLastPrimaryDecides() {
    assertThat(count(state(1), vote(B, 1, 100), vote(C, 1, 100)))
        .isInstanceOf(Outcome.Undecided.class);
    Vote leader = vote(A, 1, 100);
    Vote other = vote(B, 1, 100);
    assertThat(count(state(1), other, leader))
        .isEqualTo(new Outcome.Elected(A, List.of(other, leader)));
  }

  @Test
  void amongEqualsThePreferredGoesFirstElseTheFirstName() {
    Vote b = vote(B, 1, 100);
    Vote c = vote(C, 1, 100);
    assertThat(count(state(1, B, C), c, b)).isEqualTo(new Outcome.Elected(B, List.of(c, b)));
    assertThat(Election.count(state(1, B, C), List.of(b, c), Optional.of(C), Optional.empty()))
        .isEqualTo(new Outcome.Elected(C, List.of(b, c)));
  }

  @Test
  void preferenceDoesNotOutweighWal() {
    Vote less = vote(B, 1, 99);
    Vote more = vote(C, 1, 100);
    assertThat(
            Election.count(state(1, B, C), List.of(less, more), Optional.of(B), Optional.empty()))
        .isEqualTo(new Outcome.Elected(C, List.of(less, more)));
  }

  @Test
  void positionsAreComparedUnsigned() {
    Vote small = vote(B, 1, 100);
    Vote huge = vote(C, 1, -1);
    assertThat(count(state(1, B, C), small, huge))
        .isEqualTo(new Outcome.Elected(C, List.of(small, huge)));
  }

  /** All groups of up to three standbys, whoever are voters, whoever is silent, whoever votes. */
  @Test
  void nobodyIsElectedWhileEnoughNodesAreSilent() {
    List<NodeName> others = List.of(B, C, D);
    int impossible = 0;
    for (Set<NodeName> voters : subsets(others)) {
      for (int k = voters.isEmpty() ? 0 : 1; k <= voters.size(); k++) {
        GroupState state = new GroupState(7, TERM, A, SyncSet.of(voters, k));
        for (Set<NodeName> silent : subsets(others)) {
          for (boolean mayLose : List.of(false, true)) {
            if (Election.impossible(state, true, silent, Set.copyOf(others), mayLose)) {
              impossible++;
              nobodyIsElected(state, silent, others, mayLose);
            }
          }
        }
      }
    }
    assertThat(impossible).isGreaterThan(20);
    assertThat(Election.impossible(state(1), true, Set.of(B, C), Set.of(B, C), true)).isFalse();
    assertThat(Election.impossible(state(1), true, Set.of(), Set.of(), true)).isTrue();
  }

  private static void nobodyIsElected(
      GroupState state, Set<NodeName> silent, List<NodeName> others, boolean mayLose) {
    Optional<LossBound> bound =
        mayLose
            ? Optional.of(
                new LossBound(1000, Optional.of(new WrittenWal(TERM, 1, new Lsn(100))), true))
            : Optional.empty();
    for (Set<NodeName> voting : subsets(others)) {
      if (Collections.disjoint(voting, silent)) {
        List<Vote> votes = voting.stream().map(node -> vote(node, 1, 100)).toList();
        assertThat(Election.count(state, votes, Optional.empty(), bound))
            .isInstanceOf(Outcome.Undecided.class);
      }
    }
  }

  /** The voters may have become any: then every node has to be silent. */
  @Test
  void whereVotersAreNotCertainEverybodyIsAsked() {
    Set<NodeName> others = Set.of(B, C);
    assertThat(Election.impossible(state(1, B, C), false, Set.of(B), others, false)).isFalse();
    assertThat(Election.impossible(state(1, B, C), true, Set.of(B), others, false)).isTrue();
    assertThat(Election.impossible(state(1, B, C), false, others, others, false)).isTrue();
    assertThat(Election.impossible(state(1), false, Set.of(), others, false)).isFalse();
    assertThat(Election.impossible(state(1), true, Set.of(), others, false)).isTrue();
  }

  private static List<Set<NodeName>> subsets(List<NodeName> nodes) {
    List<Set<NodeName>> subsets = new ArrayList<>();
    for (int mask = 0; mask < 1 << nodes.size(); mask++) {
      int chosen = mask;
      subsets.add(
          IntStream.range(0, nodes.size())
              .filter(i -> (chosen & 1 << i) != 0)
              .mapToObj(nodes::get)
              .collect(Collectors.toSet()));
    }
    return subsets;
  }
}
