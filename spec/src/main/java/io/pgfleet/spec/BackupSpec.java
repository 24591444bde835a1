package io.pgfleet.spec;

import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalTime;
import java.util.List;
import java.util.Optional;

/**
 * Where a fleet's backups and WAL are kept, and for how long.
 *
 * @param repositories in the file's order; none if nothing is backed up
 * @param key what the repositories are encrypted with; none if everybody may read them
 * @param every how often a base backup is taken; whole days where there is a time of day
 * @param at the time of day for it, in the host's time zone; any if absent
 * @param fullEvery how long after a full one the next backup is full again
 * @param walInterval how long WAL may wait before it is put into the repositories
 * @param standbysFrom the repository that standbys are made of; of servers if absent
 * @param wal how WAL comes to them
 * @param drill when and how the repositories are restored from to try them
 */
public record BackupSpec(
    List<Repository> repositories,
    Optional<KeySource> key,
    Duration every,
    Optional<LocalTime> at,
    Duration fullEvery,
    Duration walInterval,
    Optional<String> standbysFrom,
    Wal wal,
    Drill drill) {
  /** No backups. */
  public static final BackupSpec NONE =
      new BackupSpec(
          List.of(),
          Optional.empty(),
          Duration.ofDays(1),
          Optional.empty(),
          Duration.ofDays(7),
          Duration.ofSeconds(1),
          Optional.empty(),
          Wal.STREAM,
          Drill.USUAL);

  /** Copies the repositories. */
  public BackupSpec {
    repositories = List.copyOf(repositories);
  }

  /** How WAL comes to the repositories. */
  public enum Wal {
    /** The primary's agent receives it as a standby does. */
    STREAM,
    /** Every server hands its finished segments over by its {@code archive_command}. */
    ARCHIVE_COMMAND
  }

  /**
   * Drills.
   *
   * @param every how often
   * @param at the time of day, as for backups
   * @param folder of the throw-away server; one of the fleet's own if absent. The path is absolute.
   * @param countRows whether rows are counted with each backup, to be compared
   */
  public record Drill(
      Duration every,
      Optional<LocalTime> at,
      Optional<Path> folder,
      boolean countRows,
      List<Check> checks) {
    /** Once a week, with no checks of the user's. */
    public static final Drill USUAL =
        new Drill(Duration.ofDays(7), Optional.empty(), Optional.empty(), true, List.of());

    /** Copies the checks. */
    public Drill {
      checks = List.copyOf(checks);
    }
  }

  /** A query of the user's, whose only value is true if all is well. */
  public record Check(String name, String database, String query) {}

  /**
   * A place for backups and WAL, and what is kept there.
   *
   * @param synchronous whether commits wait until their WAL is there; of one repository at most
   */
  public record Repository(String name, Store store, Keep keep, boolean synchronous) {}

  /** The repository that commits wait for, if they wait for one. */
  public Optional<String> synchronous() {
    return repositories.stream().filter(Repository::synchronous).map(Repository::name).findFirst();
  }

  /** Where a repository's objects lie. */
  public sealed interface Store {}

  /** In a folder. The path is absolute. */
  public record Folder(Path path) implements Store {}

  /**
   * In a bucket of S3, or of a store that speaks its protocol.
   *
   * @param endpoint the store's URL; Amazon's if absent
   * @param prefix of every object's name; may be empty
   * @param login without one AWS's usual places are looked at
   */
  public record Bucket(
      String bucket, String region, Optional<String> endpoint, String prefix, Optional<Login> login)
      implements Store {}

  /** An access key, and where its secret comes from. */
  public record Login(String accessKey, PasswordSource secret) {}

  /**
   * Which base backups are kept: those that any of these keeps, and always the newest.
   *
   * @param backups so many of the newest
   * @param age the younger ones
   * @param window what a restore to any moment so far back needs
   */
  public record Keep(
      Optional<Integer> backups, Optional<Duration> age, Optional<Duration> window) {}

  /** Where the key comes from. It never stands in {@code fleet.yaml}. */
  public sealed interface KeySource {
    /** The value of an environment variable of the process that needs it. */
    record FromEnvironment(String variable) implements KeySource {}

    /** The first line of a file. The path is absolute. */
    record FromFile(Path path) implements KeySource {}

    /** What a command prints, run by the shell; such as one that asks a vault. */
    record FromCommand(String command) implements KeySource {}
  }
}
