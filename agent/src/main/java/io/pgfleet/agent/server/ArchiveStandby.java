package io.pgfleet.agent.server;

import io.pgfleet.agent.NodeServerException;
import io.pgfleet.consensus.Ticker;
import io.pgfleet.wire.Lsn;
import io.pgfleet.wire.client.Row;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whether a primary's commits wait for a repository's archive, too. By the protocol an archiver is
 * a standby; it is never elected, so {@code SyncPlan} knows nothing of it: {@link SyncNames} writes
 * it before the nodes, in a form by which as many nodes as without it have each commit.
 *
 * <p>Commits wait for it while it keeps up. Where it has not for {@link #PATIENCE}, they go on
 * without, as they do without a standby that is lost; and wait again once it is less than {@link
 * #NEAR} behind. With durability strict they wait for it always.
 */
public final class ArchiveStandby {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** Bytes of WAL. */
  private static final long NEAR = 16 * 1024 * 1024;

  /** An archiver whose store fails says that it has flushed nothing, which is shown as null. */
  private static final String PROGRESS =
      """
      select max(flush_lsn)::text as flushed, pg_current_wal_flush_lsn()::text as here
      from pg_stat_replication where application_name = $1 and state = 'streaming'
      """;

  private final String name;
  private final boolean always;
  private final Ticker ticker;
  private boolean counts;

  /** Whether what the server waits for was decided here. */
  private boolean decided;

  private long good;
  private Lsn flushed = Lsn.ZERO;
  private Lsn end = Lsn.ZERO;

  ArchiveStandby(String name, boolean always, Ticker ticker) {
    this.name = name;
    this.always = always;
    this.ticker = ticker;
    this.counts = always;
    this.good = ticker.nanos();
  }

  /** What a repository's archiver calls itself at the primary; no node has such a name. */
  public static String nameOf(String repository) {
    return "pgfleet archive " + repository;
  }

  /** Who is to be waited for; none if nobody is. */
  Optional<String> waitedFor() {
    return counts ? Optional.of(name) : Optional.empty();
  }

  /** A server becomes a primary; what was seen of another's archiver says nothing. */
  void begin() {
    decided = true;
    counts = always;
    good = ticker.nanos();
    flushed = Lsn.ZERO;
    end = Lsn.ZERO;
  }

  /**
   * After an agent has begun anew beside a server that waits for it. Later it means nothing: what a
   * server shows may be older than what it was told.
   */
  void resume(List<String> waited) {
    if (!decided && waited.contains(name)) {
      counts = true;
      good = ticker.nanos();
    }
  }

  /**
   * Looks at a primary.
   *
   * @return whether it is to be told of another {@link #waitedFor} than before
   */
  boolean look(LocalSession session) throws NodeServerException {
    Row row = session.run(PROGRESS, name).onlyRow();
    return heard(row.get("flushed"), Lsn.parse(row.required("here")));
  }

  /**
   * Takes in how far it is.
   *
   * @param position where what it has flushed ends; null if it is away or says nothing of it
   * @param here where the primary's flushed WAL ends
   * @return as {@link #look}
   */
  boolean heard(@Nullable String position, Lsn here) {
    boolean before = counts;
    decided = true;
    if (position != null) {
      Lsn now = Lsn.parse(position);
      boolean moves = now.compareTo(flushed) > 0 || now.reaches(end);
      if (moves) {
        good = ticker.nanos();
        counts |= now.reaches(here) || here.minus(now) < NEAR;
      }
      flushed = now;
    }
    end = here;
    if (!always && ticker.nanos() - good > PATIENCE.toNanos()) {
      counts = false;
    }
    return counts != before;
  }
}
