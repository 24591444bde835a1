package io.pgfleet.spec;

import io.pgfleet.spec.setting.Setting;
import io.pgfleet.spec.setting.Values;
import java.time.Duration;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The rules between the settings of backups. */
final class BackupRules {
  /** What archiving by command is made of; each can be set to what undoes it. */
  private static final Set<String> ARCHIVING =
      Set.of("archive_mode", "archive_command", "archive_library");

  private final Values backup;
  private final Values postgres;

  BackupRules(Values backup, Values postgres) {
    this.backup = backup;
    this.postgres = postgres;
  }

  private boolean byCommand() {
    return backup.sound(BackupKeys.WAL)
        && backup.get(BackupKeys.WAL) == BackupSpec.Wal.ARCHIVE_COMMAND;
  }

  /** A command of the user's would be replaced, and one who has written it should know. */
  private void checkCommand() {
    if (!byCommand() || !postgres.sound(PostgresKeys.SETTINGS)) {
      return;
    }
    for (String name : postgres.get(PostgresKeys.SETTINGS).keySet()) {
      if (ARCHIVING.contains(name.toLowerCase(Locale.ROOT))) {
        postgres
            .at(PostgresKeys.SETTINGS)
            .refuse(
                name + " may not be given with backup.wal: archive_command",
                "leave it out: pgfleet sets it on every server");
      }
    }
  }

  void check() {
    checkDays(backup, BackupKeys.EVERY, BackupKeys.AT);
    if (backup.sound(BackupKeys.DRILL)) {
      backup
          .find(BackupKeys.DRILL)
          .ifPresent(drill -> checkDays(drill, BackupKeys.DRILL_EVERY, BackupKeys.DRILL_AT));
    }
    checkCommand();
    if (!backup.sound(BackupKeys.REPOSITORIES)) {
      return;
    }
    checkStandbys();
    backup
        .find(BackupKeys.REPOSITORIES)
        .ifPresent(all -> {
          all.values().forEach(BackupRules::check);
          checkSynchronous(all.values());
          if (byCommand()) {
            all.values().forEach(BackupRules::refuseSynchronous);
          }
        });
  }

  private void checkStandbys() {
    if (!backup.sound(BackupKeys.STANDBYS_FROM)) {
      return;
    }
    Set<String> names = backup.find(BackupKeys.REPOSITORIES).orElse(Map.of()).keySet();
    backup
        .find(BackupKeys.STANDBYS_FROM)
        .filter(name -> !names.contains(name))
        .ifPresent(name ->
            backup
                .at(BackupKeys.STANDBYS_FROM)
                .refuse(
                    "there is no repository " + name,
                    names.isEmpty()
                        ? "add one under backup.repositories"
                        : "name one of " + String.join(", ", names)));
  }

  private static void checkDays(Values section, Setting<Duration> every, Setting<String> at) {
    if (section.sound(every)
        && section.given(at)
        && section.get(every).toSeconds() % Duration.ofDays(1).toSeconds() != 0) {
      section
          .at(at)
          .refuse(
              "a time of day, while `every` is no whole days",
              "write every: 1d or more days, or leave the time of day out");
    }
  }

  /** A commit can't wait for a segment that is handed over when it is full. */
  private static void refuseSynchronous(Values repository) {
    if (repository.sound(BackupKeys.SYNCHRONOUS) && repository.get(BackupKeys.SYNCHRONOUS)) {
      repository
          .at(BackupKeys.SYNCHRONOUS)
          .refuse(
              "commits can't wait for a repository with backup.wal: archive_command",
              "use wal: stream, or leave synchronous out");
    }
  }

  /** PostgreSQL can be told to wait for the first of several, or for any, but not for these two. */
  private static void checkSynchronous(Collection<Values> repositories) {
    repositories.stream()
        .filter(repository -> repository.sound(BackupKeys.SYNCHRONOUS))
        .filter(repository -> repository.get(BackupKeys.SYNCHRONOUS))
        .skip(1)
        .forEach(second ->
            second
                .at(BackupKeys.SYNCHRONOUS)
                .refuse(
                    "a second repository that commits wait for",
                    "let them wait for one of them; the others get the same WAL within"
                        + " wal_interval"));
  }

  private static void check(Values repository) {
    boolean folder = repository.given(BackupKeys.FOLDER);
    boolean bucket = repository.given(BackupKeys.S3);
    if (folder == bucket) {
      repository
          .place()
          .refuse(
              folder ? "a repository in two places" : "a repository in no place",
              "give it a folder, or a bucket under s3");
    }
    if (bucket && repository.sound(BackupKeys.S3)) {
      repository.find(BackupKeys.S3).ifPresent(BackupRules::checkLogin);
    }
  }

  private static void checkLogin(Values bucket) {
    boolean key = bucket.given(BackupKeys.ACCESS_KEY);
    if (key != bucket.given(BackupKeys.SECRET_KEY)) {
      bucket
          .at(key ? BackupKeys.ACCESS_KEY : BackupKeys.SECRET_KEY)
          .refuse(
              key ? "an access key without its secret" : "a secret without its access key",
              "give both, or neither");
    }
  }
}
