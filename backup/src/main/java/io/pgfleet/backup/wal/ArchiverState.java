package io.pgfleet.backup.wal;

import io.pgfleet.wire.Lsn;
import java.time.Instant;
import java.util.Optional;

/**
 * How far the archive of WAL is.
 *
 * @param timeline 0 before anything is known
 * @param end all WAL before it is in the archive
 * @param trouble what keeps it from going on, a sentence
 * @param at when that was last found true of all that the server had sent by then: when something
 *     was put, or the server said that it has nothing more; {@link Instant#EPOCH} before that
 * @param gap what tells of WAL that was lost, a sentence; it stays until a whole base backup covers
 *     what was lost
 */
public record ArchiverState(
    int timeline, Lsn end, Optional<String> trouble, Instant at, Optional<String> gap) {
  /** Of which nothing is known yet. */
  public static final ArchiverState NONE = new ArchiverState(0, Lsn.ZERO, Optional.empty());

  /** Of which nothing was confirmed yet, and nothing lost. */
  public ArchiverState(int timeline, Lsn end, Optional<String> trouble) {
    this(timeline, end, trouble, Instant.EPOCH, Optional.empty());
  }

  /** The same with all WAL before a position in the archive, and no trouble. */
  public ArchiverState kept(int on, Lsn upTo, Instant now) {
    return new ArchiverState(on, upTo, Optional.empty(), now, gap);
  }

  /** The same with what keeps it from going on. */
  public ArchiverState failed(String why) {
    return new ArchiverState(timeline, end, Optional.of(why), at, gap);
  }

  /** The same with what is to be told of lost WAL, if anything is. */
  public ArchiverState withGap(Optional<String> lost) {
    return new ArchiverState(timeline, end, trouble, at, lost);
  }
}
