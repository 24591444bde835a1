package io.pgfleet.spec;

import io.pgfleet.spec.setting.Values;
import java.util.Collection;

/** The rules between the settings of backups. */
final class BackupRules {
  private final Values backup;

  BackupRules(Values backup) {
    this.backup = backup;
  }

  void check() {
    if (!backup.sound(BackupKeys.REPOSITORIES)) {
      return;
    }
    backup
        .find(BackupKeys.REPOSITORIES)
        .ifPresent(all -> {
          all.values().forEach(BackupRules::check);
          checkSynchronous(all.values());
        });
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
