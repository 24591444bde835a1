package io.pgfleet.agent.server;

import io.pgfleet.agent.NodeServerException;
import io.pgfleet.consensus.Ticker;
import io.pgfleet.spec.NodeName;
import io.pgfleet.wire.Lsn;
import io.pgfleet.wire.client.Row;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether a primary's commits wait for a repository's archive, too. By the protocol an archiver is
 * a standby; it is never elected, so {@code SyncPlan} knows nothing of it: {@link SyncNames} writes
 * it before the nodes, in a form by which as many nodes as without it have each commit.
 *
 * <p>Commits wait for it while it keeps up. Where it has not for {@link #PATIENCE}, they go on
 * without, as they do without a standby that is lost; and wait again once it is less than {@link
 * #NEAR} behind. With durability strict they wait for it always, and for as many nodes that stream.
 */
public final class ArchiveStandby {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** Bytes of WAL. */
  private static final long NEAR = 16 * 1024 * 1024;

  /** An archiver whose store fails says that it has flushed nothing, which is shown as null. */
  private static final String PROGRESS =
      """
      select max(flush_lsn) filter (where application_name = $1)::text as flushed,
             pg_current_wal_flush_lsn()::text as here,
             string_agg(application_name, ',') as streaming
      from pg_stat_replication where state = 'streaming'
      """;

  private final String name;
  private final boolean always;
  private final Ticker ticker;
  private boolean counts;

  /** Whether what the server waits for was decided here. */
  private boolean decided;

  private Set<NodeName> streaming = Set.of();
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
  Optional<SyncNames.Archive> waitedFor() {
    return counts ? Optional.of(new SyncNames.Archive(name, always, streaming)) : Optional.empty();
  }

  /** A server becomes a primary; what was seen of another's archiver says nothing. */
  void begin() {
    decided = true;
    counts = always;
    streaming = Set.of();
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
    boolean changed = heard(row.get("flushed"), Lsn.parse(row.required("here")));
    return seen(Optional.ofNullable(row.get("streaming")).orElse("")) || changed;
  }

  /**
   * Takes in who streams.
   *
   * @param names with commas between them
   * @return as {@link #look}
   */
  boolean seen(String names) {
    Set<NodeName> now = new HashSet<>();
    for (String one : names.split(",", -1)) {
      if (one.matches(NodeName.FORM)) {
        now.add(new NodeName(one));
      }
    }
    boolean changed = always && !now.equals(streaming);
    streaming = now;
    return changed;
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
