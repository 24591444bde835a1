package io.pgfleet.agent.decide;

import io.pgfleet.consensus.group.GroupState;
import io.pgfleet.consensus.group.Vote;
import io.pgfleet.spec.NodeName;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Who may begin the next reign, from the votes cast against the last one.
 *
 * <p>A vote binds its node to receive no more WAL, so the positions compared are final. Answers
 * from {@link io.pgfleet.consensus.group.SyncSet#answersNeeded} voters, or from the last primary,
 * include one that has every acknowledged commit ({@link SyncPlan}); the highest position among all
 * answers is then at least as far. Whoever wins must still take the term by a compare-and-set that
 * also checks that no vote it counted has changed.
 *
 * <p>Where commits wait for nobody ({@link LossBound}), no set of answers is enough. There the
 * furthest of those that answer may win with what it has, within the bound.
 *
 * <p>A node that is never promoted casts no vote, and no commit waits for it, so it is in neither
 * set of the proof. While its tag is new it may still be in both: then its answer is missing like
 * that of a node that is down, and an election that can't do without it is not decided.
 */
public final class Election {
  /** What the votes say. */
  public sealed interface Outcome {
    /** This node has everything and goes first. */
    record Elected(NodeName winner, List<Vote> counted) implements Outcome {
      public Elected {
        counted = List.copyOf(counted);
      }
    }

    /**
     * Nobody can be shown to have everything.
     *
     * @param why a sentence for people
     */
    record Undecided(String why) implements Outcome {}
  }

  private Election() {}

  /**
   * Counts the votes.
   *
   * @param votes all votes found; those against another term are passed over
   * @param preferred goes first among nodes with equally much WAL
   * @param bound what may be lost, if anything
   */
  public static Outcome count(
      GroupState state,
      Collection<Vote> votes,
      Optional<NodeName> preferred,
      Optional<LossBound> bound) {
    List<Vote> counted =
        votes.stream().filter(vote -> vote.against().equals(state.term())).toList();
    long voters = counted.stream().filter(vote -> state.voters().contains(vote.node())).count();
    boolean leaderAnswered = counted.stream().anyMatch(vote -> vote.node().equals(state.leader()));
    boolean enoughVoters = !state.voters().isEmpty() && voters >= state.voters().answersNeeded();
    Optional<Vote> best = counted.stream().max(order(preferred));
    if (best.isPresent() && (leaderAnswered || enoughVoters)) {
      return new Outcome.Elected(best.get().node(), counted);
    }
    if (best.isEmpty() || bound.isEmpty()) {
      return new Outcome.Undecided(shortOf(state, voters));
    }
    return bound
        .get()
        .objection(state, best.get())
        .<Outcome>map(Outcome.Undecided::new)
        .orElseGet(() -> new Outcome.Elected(best.get().node(), counted));
  }

  /**
   * Whether no election against a reign can succeed while some nodes cast no vote. {@link #count}
   * asks for the answers of enough voters, or of the last primary, which casts none in its own
   * reign; without voters there is nobody to ask. Where something may be lost nothing is impossible
   * but in a group of one: what such a primary wrote without consensus is recorded nowhere, and an
   * election after it would go by a record that is too old ({@link LossBound}).
   *
   * @param certain whether the voters are those of {@code state}; otherwise anybody may be one
   * @param silent who casts no vote
   * @param others all nodes of the group but the primary
   * @param mayLose whether commits wait for nobody
   */
  public static boolean impossible(
      GroupState state,
      boolean certain,
      Set<NodeName> silent,
      Set<NodeName> others,
      boolean mayLose) {
    Set<NodeName> voters = state.voters().members();
    if (mayLose) {
      return others.isEmpty() && voters.isEmpty();
    }
    if (silent.containsAll(others) && silent.containsAll(voters)) {
      return true;
    }
    if (!certain) {
      return false;
    }
    long left = voters.stream().filter(node -> !silent.contains(node)).count();
    return voters.isEmpty() || left < state.voters().answersNeeded();
  }

  private static String shortOf(GroupState state, long voters) {
    if (state.voters().isEmpty()) {
      return "only "
          + state.leader()
          + " is known to have every acknowledged commit, and it does not answer";
    }
    return voters
        + " of the "
        + state.voters().answersNeeded()
        + " answers needed from "
        + String.join(", ", state.voters().members().stream().map(NodeName::value).toList())
        + " to know the last acknowledged commit";
  }

  private static Comparator<Vote> order(Optional<NodeName> preferred) {
    return Comparator.comparingInt(Vote::timeline)
        .thenComparing(Vote::flushed)
        .thenComparing(vote -> preferred.filter(vote.node()::equals).isPresent())
        // The first name wins a tie, so that all nodes agree.
        .thenComparing(Comparator.comparing(Vote::node).reversed());
  }
}
