package io.pgfleet.agent.decide;

import io.pgfleet.consensus.group.SyncSet;
import io.pgfleet.spec.NodeName;
import io.pgfleet.wire.Lsn;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a primary's agent remembers of the names that commits wait for: the wait of {@link
 * SyncPlan.Step.SetVoters#afterFlush}. Forgetting it makes the agent slower, never less safe.
 *
 * @param names the names seen last; null before the first look, and after a change until it is seen
 * @param since when they were first seen, in nanoseconds of the agent's clock
 * @param from the primary's flushed position, read once they were in effect; null until then
 */
public record NamesInEffect(@Nullable SyncSet names, long since, @Nullable Lsn from) {
  /** Nothing is known of them. */
  public static final NamesInEffect UNKNOWN = new NamesInEffect(null, 0, null);

  /** After a look that showed these names. */
  public NamesInEffect seen(SyncSet shown, long now) {
    return shown.equals(names) ? this : new NamesInEffect(shown, now, null);
  }

  /**
   * Whether every walsender is taken to have read them.
   *
   * @param settling how long that takes, in nanoseconds
   */
  public boolean settled(long now, long settling) {
    return names != null && now - since >= settling;
  }

  /** With the primary's position, read when they had settled. */
  public NamesInEffect from(Lsn position) {
    return new NamesInEffect(names, since, position);
  }

  /**
   * Whether as many voters as acknowledge have all that the primary had under these names.
   *
   * @param flushed how far each connected standby has flushed
   */
  public boolean flushedBy(SyncSet voters, Map<NodeName, Lsn> flushed) {
    Lsn start = from;
    if (start == null) {
      return false;
    }
    long reached =
        flushed.entrySet().stream()
            .filter(standby -> voters.contains(standby.getKey()))
            .filter(standby -> standby.getValue().reaches(start))
            .count();
    return reached >= voters.acknowledging();
  }
}
