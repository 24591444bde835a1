package io.pgfleet.backup.keep;

import io.pgfleet.backup.base.Manifest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Which base backups are kept. A backup that any rule keeps is kept, and the newest always is.
 *
 * @param count so many of the newest
 * @param age those that are younger
 * @param window those needed to restore to any moment so far back: the younger ones, and the newest
 *     of the older ones
 */
public record Retention(
    Optional<Integer> count, Optional<Duration> age, Optional<Duration> window) {
  public Retention {
    if (count.filter(number -> number < 1).isPresent()) {
      throw new IllegalArgumentException("a retention of " + count.get() + " backups");
    }
  }

  /** Keeps everything. */
  public static final Retention ALL =
      new Retention(Optional.empty(), Optional.empty(), Optional.empty());

  /**
   * The backups that may go, oldest first.
   *
   * @param backups all whole ones, oldest first
   */
  public List<Manifest> expired(List<Manifest> backups, Instant now) {
    if (equals(ALL)) {
      return List.of();
    }
    int newest = backups.size() - 1;
    int kept = newest;
    for (int i = newest; i >= 0; i--) {
      if (keeps(backups, i, now)) {
        kept = i;
      }
    }
    // Everything before the oldest that is kept goes, so WAL is cut at one place only.
    return backups.subList(0, Math.max(0, kept));
  }

  private boolean keeps(List<Manifest> backups, int i, Instant now) {
    int from = backups.size() - i;
    Instant ended = backups.get(i).ended();
    return i == backups.size() - 1
        || count.filter(number -> from <= number).isPresent()
        || age.filter(limit -> ended.isAfter(now.minus(limit))).isPresent()
        || window.filter(limit -> backups.get(i + 1).ended().isAfter(now.minus(limit))).isPresent();
  }
}
