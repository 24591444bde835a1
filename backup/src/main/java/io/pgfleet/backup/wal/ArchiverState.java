package io.pgfleet.backup.wal;

import io.pgfleet.wire.Lsn;
import java.util.Optional;

/**
 * How far the archive of WAL is.
 *
 * @param timeline 0 before anything is known
 * @param end all WAL before it is in the archive
 * @param trouble what keeps it from going on, a sentence
 */
public record ArchiverState(int timeline, Lsn end, Optional<String> trouble) {
  static final ArchiverState NONE = new ArchiverState(0, Lsn.ZERO, Optional.empty());

  static ArchiverState at(int timeline, Lsn end) {
    return new ArchiverState(timeline, end, Optional.empty());
  }

  ArchiverState failed(String why) {
    return new ArchiverState(timeline, end, Optional.of(why));
  }
}
