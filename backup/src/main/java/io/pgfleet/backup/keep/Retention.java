package io.pgfleet.backup.keep;

import io.pgfleet.backup.base.BackupChain;
import io.pgfleet.backup.base.Manifest;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Which base backups are kept. A backup that any rule keeps is kept, and the newest always is. Only
 * those count with which a restore can begin; one that lies on a branch that was left, or lacks a
 * pack, is kept by its age alone, and else until nothing older than it is kept. What a kept
 * incremental backup is based on stays, too, and counts like any other.
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
   * The backups that may go, oldest first, where a restore can begin with all of them.
   *
   * @param backups all whole ones, oldest first
   */
  public List<Manifest> expired(List<Manifest> backups, Instant now) {
    return expired(backups, _ -> true, now);
  }

  /**
   * The backups that may go, oldest first; none as long as there is none with which a restore can
   * begin.
   *
   * @param backups all whole ones, oldest first
   * @param usable with which a restore can begin
   */
  public List<Manifest> expired(List<Manifest> backups, Predicate<Manifest> usable, Instant now) {
    List<Manifest> counted = backups.stream().filter(usable).toList();
    if (equals(ALL) || counted.isEmpty()) {
      return List.of();
    }
    int kept = counted.size() - 1;
    for (int i = kept; i >= 0; i--) {
      if (keeps(counted, i, now)) {
        kept = i;
      }
    }
    // Everything before the oldest that is kept goes, so WAL is cut at one place only.
    Set<String> gone = new HashSet<>();
    counted.subList(0, kept).forEach(backup -> gone.add(backup.id()));
    Instant oldest = counted.get(kept).ended();
    backups.stream()
        .filter(usable.negate())
        .filter(backup -> isUseless(backup, oldest, now))
        .forEach(backup -> gone.add(backup.id()));
    keepChains(backups, gone);
    return backups.stream().filter(backup -> gone.contains(backup.id())).toList();
  }

  private static void keepChains(List<Manifest> backups, Set<String> gone) {
    Map<String, Manifest> all =
        backups.stream().collect(Collectors.toMap(Manifest::id, Function.identity()));
    List<Manifest> kept = backups.stream().filter(backup -> !gone.contains(backup.id())).toList();
    kept.stream()
        .flatMap(backup -> BackupChain.of(backup, all).stream())
        .flatMap(chain -> chain.backups().stream())
        .forEach(backup -> gone.remove(backup.id()));
  }

  private boolean keeps(List<Manifest> backups, int i, Instant now) {
    int from = backups.size() - i;
    return i == backups.size() - 1
        || count.filter(number -> from <= number).isPresent()
        || isYoung(backups.get(i), now)
        || window.filter(limit -> backups.get(i + 1).ended().isAfter(now.minus(limit))).isPresent();
  }

  private boolean isYoung(Manifest backup, Instant now) {
    return age.filter(limit -> backup.ended().isAfter(now.minus(limit))).isPresent();
  }

  /** One that does not count, which somebody may want to look at while it is of the time kept. */
  private boolean isUseless(Manifest backup, Instant oldest, Instant now) {
    boolean beforeWindow =
        window.filter(limit -> !backup.ended().isAfter(now.minus(limit))).isPresent();
    return !isYoung(backup, now) && (beforeWindow || backup.ended().isBefore(oldest));
  }
}
