package io.pgfleet.agent.decide;

import io.pgfleet.consensus.group.SyncSet;
import java.util.HashSet;
import java.util.Set;

/**
 * The next step that brings a primary's {@code synchronous_standby_names} and the group's voters to
 * a wanted set, without ever letting an election miss an acknowledged commit.
 *
 * <h2>Words</h2>
 *
 * <p>{@code names} = (P, p): a commit is acknowledged once the primary and p members of P have
 * flushed it. {@code voters} = (V, v): an election needs the answers of |V| - v + 1 members of V
 * (or of the last primary itself), and the highest flushed position among them wins. With V empty
 * nobody but the last primary can be elected.
 *
 * <h2>Invariant</h2>
 *
 * <p>Every set that may acknowledge shares a member with every set that may elect. An acknowledging
 * set of p members of P has at least p - |P \ V| members in V. An electing set leaves out at most v
 * - 1 members of V. So they always meet when
 *
 * <pre>V is empty, or  p - |P \ V| &gt;= v</pre>
 *
 * which is {@link #safe}. It speaks of commits acknowledged under the present names.
 *
 * <h2>Commits acknowledged before</h2>
 *
 * <p>Commits acknowledged under earlier names lie at or before the primary's flushed position L,
 * read once the present names are in effect. Before voters become (V', v'), at least v' members of
 * V' must have flushed L ({@link Step.SetVoters#afterFlush}): then every electing set of (V', v'),
 * which leaves out at most v' - 1 members, holds one of them. Two changes need no such wait because
 * they only shrink what may elect: V' empty, and a smaller v' over the same V.
 *
 * <h2>Never fewer</h2>
 *
 * <p>{@link Step.SetNames} only ever carries {@code wanted}. So names ask for at least k standbys
 * at every moment if the first names and every wanted set do, which is what {@code strict} is
 * ({@link SyncGoal}). With fewer than k standbys there, the wait for a flush does not end, and
 * voters stay what they were: safe with the names, which have not changed either.
 *
 * <h2>Interruption</h2>
 *
 * <p>Each step is a single atomic change of one of the two values and keeps the invariant, and the
 * plan is a function of the two values alone. A crash between two steps leaves a safe state from
 * which the same plan goes on.
 *
 * <p>Names are in effect when every walsender has re-read its configuration, some milliseconds
 * after the reload; the agent reads L only in a later round than the one that changed the names.
 */
public final class SyncPlan {
  /** One change, or none. */
  public sealed interface Step {
    /** Both values are as wanted. */
    record Done() implements Step {}

    /** Change what the primary waits for. */
    record SetNames(SyncSet names) implements Step {}

    /**
     * Change what an election believes in.
     *
     * @param afterFlush whether {@code voters.acknowledging()} of its members must first have
     *     flushed all that the primary had when the present names came into effect
     */
    record SetVoters(SyncSet voters, boolean afterFlush) implements Step {}
  }

  private SyncPlan() {}

  /**
   * Whether every acknowledging set of {@code names} meets every electing set of {@code voters}.
   */
  public static boolean safe(SyncSet names, SyncSet voters) {
    if (voters.isEmpty()) {
      return true;
    }
    Set<Object> outside = new HashSet<>(names.members());
    outside.removeAll(voters.members());
    return names.acknowledging() - outside.size() >= voters.acknowledging();
  }

  /**
   * The names of a server's first moment as a primary, when nobody has connected yet. They must be
   * safe with the voters that stand: a primary that starts again may be succeeded before its first
   * round.
   *
   * @param alive who is there to be waited for
   */
  public static SyncSet firstNames(SyncSet alive, SyncSet voters) {
    return safe(alive, voters) ? alive : voters;
  }

  /** The next step from the present values to {@code wanted} for both. */
  public static Step next(SyncSet names, SyncSet voters, SyncSet wanted) {
    if (!safe(names, voters)) {
      // Somebody changed the setting behind our back. Only the primary is known to have everything.
      return new Step.SetVoters(SyncSet.NONE, false);
    }
    if (names.equals(wanted)) {
      return voters.equals(wanted)
          ? new Step.Done()
          : new Step.SetVoters(wanted, !wanted.isEmpty());
    }
    if (voters.equals(wanted) || voters.isEmpty() || safe(wanted, voters)) {
      return new Step.SetNames(wanted);
    }
    if (safe(names, wanted)) {
      return new Step.SetVoters(wanted, !wanted.isEmpty());
    }
    if (!wanted.isEmpty() && wanted.acknowledging() < voters.acknowledging()) {
      return new Step.SetVoters(new SyncSet(voters.members(), wanted.acknowledging()), false);
    }
    return new Step.SetVoters(SyncSet.NONE, false);
  }
}
