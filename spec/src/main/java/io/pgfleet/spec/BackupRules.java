package io.pgfleet.spec;

import io.pgfleet.spec.setting.Values;

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
    backup.find(BackupKeys.REPOSITORIES).ifPresent(all -> all.values().forEach(BackupRules::check));
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
