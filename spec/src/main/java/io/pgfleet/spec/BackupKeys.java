package io.pgfleet.spec;

import io.pgfleet.spec.setting.Choice;
import io.pgfleet.spec.setting.FilePath;
import io.pgfleet.spec.setting.Flag;
import io.pgfleet.spec.setting.Keyed;
import io.pgfleet.spec.setting.Section;
import io.pgfleet.spec.setting.Setting;
import io.pgfleet.spec.setting.Text;
import io.pgfleet.spec.setting.Time;
import io.pgfleet.spec.setting.Values;
import io.pgfleet.spec.setting.Whole;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The section {@code backup}. */
final class BackupKeys {
  private static final int MOST_BACKUPS = 10_000;
  private static final Duration LONGEST = Duration.ofDays(3650);

  private static final Text VARIABLE =
      new Text(
          "the name of an environment variable",
          "[A-Za-z_][A-Za-z0-9_]*",
          "write the name alone, such as BACKUP_KEY");

  static final Setting<String> ENV =
      Setting.optional("env", VARIABLE, "not looked at", "The environment variable that holds it.");
  static final Setting<Path> FILE =
      Setting.optional(
          "file",
          new FilePath("a file", false),
          "not looked at",
          "The file whose first line it is.");
  static final Setting<String> COMMAND =
      Setting.optional(
          "command",
          new Text("a command", "(?=.*[^ ])[^\\u0000-\\u001f]{1,1000}", "write it in one line"),
          "not run",
          "A command of the shell that prints it, such as one that asks a vault.");
  static final Setting<Values> KEY =
      Setting.optional(
              "key",
              new Section(
                  "a mapping of the key env, file or command",
                  List.of(ENV, FILE, COMMAND),
                  new Section.ExactlyOne()),
              "none: whoever reads a repository reads the data",
              "Where the key comes from that the repositories are encrypted with: 32 bytes, as 64"
                  + " hexadecimal digits or base64. Keep a copy of it where no server is.")
          .advising("the key does not belong in this file: write key: {file: PATH}")
          .hidden();

  static final Setting<Path> FOLDER =
      Setting.optional(
          "folder",
          new FilePath("a folder", false),
          "none",
          "The folder of the repository, on a disk that no server of the fleet needs.");

  static final Setting<String> BUCKET =
      Setting.required(
          "bucket",
          new Text(
              "a bucket's name",
              "[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]",
              "it has lower-case letters, digits, dots and dashes, 3 to 63"),
          "The bucket. It must exist.");
  static final Setting<String> REGION =
      Setting.withDefault(
          "region",
          new Text("a region", "[a-z0-9-]{1,40}", "write it as the store does: eu-central-1"),
          "us-east-1",
          "The store's region.");
  static final Setting<String> ENDPOINT =
      Setting.optional(
          "endpoint",
          new Text(
              "a URL",
              "https?://[A-Za-z0-9.\\[\\]:_-]{1,253}/?",
              "write https://host or with :port"),
          "Amazon's of the region",
          "The URL of a store that is not Amazon's.");
  static final Setting<String> PREFIX =
      Setting.withDefault(
          "prefix",
          new Text(
              "the beginning of a name",
              "|[A-Za-z0-9_-]{1,60}(/[A-Za-z0-9_-]{1,60}){0,5}",
              "letters, digits, _ and -, parts joined by slashes, none at the end"),
          "\"\"",
          "What the name of every object begins with.");
  static final Setting<String> ACCESS_KEY =
      Setting.optional(
          "access_key",
          new Text("an access key", "[A-Za-z0-9._-]{1,128}", "write it as the store gave it"),
          "found as AWS's own programs find it",
          "The access key. With `secret_key`.");
  static final Setting<Values> SECRET_KEY =
      Setting.optional(
              "secret_key",
              new Section(
                  "a mapping of the key env or file", List.of(ENV, FILE), new Section.ExactlyOne()),
              "found as AWS's own programs find it",
              "Where the access key's secret comes from. With `access_key`.")
          .advising("secrets do not belong in this file: write secret_key: {env: NAME}")
          .hidden();
  static final Setting<Values> S3 =
      Setting.optional(
          "s3",
          Section.of(
              "a mapping of keys such as bucket and region",
              BUCKET,
              REGION,
              ENDPOINT,
              PREFIX,
              ACCESS_KEY,
              SECRET_KEY),
          "none",
          "The bucket of the repository, in S3 or a store that speaks its protocol.");

  static final Setting<Integer> BACKUPS =
      Setting.optional(
          "backups",
          new Whole("a number of backups", 1, MOST_BACKUPS),
          "none are kept by their number",
          "So many of the newest base backups are kept, full and incremental ones alike; what those"
              + " rest on stays, too.");
  static final Setting<Duration> AGE =
      Setting.optional(
          "age",
          new Time(Duration.ofHours(1), LONGEST),
          "none are kept by their age",
          "Base backups that are younger are kept.");
  static final Setting<Duration> WINDOW =
      Setting.optional(
          "window",
          new Time(Duration.ofHours(1), LONGEST),
          "none are kept for a window",
          "What a restore to any moment so far back needs is kept.");
  static final Setting<Values> KEEP =
      Setting.optional(
          "keep",
          Section.of("a mapping of the keys backups, age and window", BACKUPS, AGE, WINDOW),
          "everything is kept",
          "Which base backups are kept, and with them the WAL from the oldest one on: those that"
              + " any of the keys keeps, and always the newest.");

  static final Setting<Boolean> SYNCHRONOUS =
      Setting.withDefault(
          "synchronous",
          new Flag(),
          "false",
          "Whether commits wait until their WAL is in this repository, beside the standbys that"
              + " `durability` has them wait for: then the loss of every server loses none. Each"
              + " wait is as long as the repository takes to put an object. If it does not keep up"
              + " for ten seconds, commits go on without it; with `durability: strict` they wait."
              + " At most one repository.");

  static final Setting<Map<String, Values>> REPOSITORIES =
      Setting.optional(
          "repositories",
          new Keyed<>(
              "a mapping of repositories by name",
              new Text(
                  "a repository's name",
                  NodeName.FORM,
                  "lower-case letters, digits and _, at most 40, beginning with a letter"),
              Section.of(
                  "a mapping of the key folder or s3, keep and synchronous",
                  FOLDER,
                  S3,
                  KEEP,
                  SYNCHRONOUS),
              0,
              Map.of()),
          "none: nothing is backed up",
          "Where backups and WAL are put, by name: each gets all of them.");
  static final Setting<Duration> WAL_INTERVAL =
      Setting.withDefault(
          "wal_interval",
          new Time(Duration.ofMillis(100), Duration.ofMinutes(5)),
          "1s",
          "How long WAL may wait before it is put into the repositories: what the loss of every"
              + " server may cost.");
  static final Setting<BackupSpec.Wal> WAL =
      Setting.withDefault(
          "wal",
          new Choice<>(walWords()),
          "stream",
          "How WAL comes to the repositories. `stream`: the primary's agent receives it as a standby"
              + " does, while it is written. `archive_command`: PostgreSQL hands over each segment"
              + " of 16 MB when it is finished, at the latest after `archive_timeout`, which is 60"
              + " seconds then unless `postgres.settings` say otherwise.");
  static final Setting<Duration> EVERY =
      Setting.withDefault(
          "every",
          new Time(Duration.ofMinutes(1), LONGEST),
          "1d",
          "How often a base backup is taken into each repository, from a standby if there is one."
              + " The first is taken as soon as a repository has none. What `keep` does not keep"
              + " is deleted after each.");

  private static final Text TIME_OF_DAY =
      new Text(
          "a time of day",
          "([01][0-9]|2[0-3]):[0-5][0-9]",
          "write hours and minutes, such as \"02:30\"");

  static final Setting<String> AT =
      Setting.optional(
          "at",
          TIME_OF_DAY,
          "as soon as `every` has passed since the one before",
          "The time of day for base backups, such as \"02:30\", in the time zone of the host that"
              + " takes them; `every` is whole days then. One that was missed is taken as soon as it"
              + " can be.");

  static final Setting<Duration> FULL_EVERY =
      Setting.withDefault(
          "full_every",
          new Time(Duration.ofMinutes(1), LONGEST),
          "7d",
          "How long after a full base backup the next one is full again. Those between are"
              + " incremental where the server is PostgreSQL 17 or newer and knows what was changed"
              + " since the one before, else full. Set it to the same as `every` for none.");

  static final Setting<String> STANDBYS_FROM =
      Setting.optional(
          "standbys_from",
          new Text(
              "a repository's name",
              NodeName.FORM,
              "lower-case letters, digits and _, at most 40, beginning with a letter"),
          "a server of the group",
          "The repository that a new standby's data comes from, and that of one that has to be made"
              + " anew: the newest backup and the WAL behind it, so that the servers are spared the"
              + " reading. Where it has none yet, or leaves a gap, the data comes from a server.");

  static final Setting<String> DATABASE =
      Setting.required(
          "database",
          new Text("a database's name", "[^\\u0000-\\u001f]{1,63}", "write its name"),
          "The database that the query is asked in.");
  static final Setting<String> QUERY =
      Setting.required(
          "query",
          new Text("a query", "[^\\u0000]{1,10000}", "write a query with one value"),
          "A query whose only value is true if all is well.");
  static final Setting<Map<String, Values>> CHECKS =
      Setting.optional(
          "checks",
          new Keyed<>(
              "a mapping of checks by name",
              new Text(
                  "a check's name",
                  NodeName.FORM,
                  "lower-case letters, digits and _, at most 40, beginning with a letter"),
              Section.of("a mapping of the keys database and query", DATABASE, QUERY),
              0,
              Map.of()),
          "none besides those of the drill itself",
          "Questions of your own to the restored server, by name.");
  static final Setting<Duration> DRILL_EVERY =
      Setting.withDefault(
          "every",
          new Time(Duration.ofMinutes(1), LONGEST),
          "7d",
          "How often the newest backup of each repository is restored into a throw-away server,"
              + " on the machine of a standby if there is one.");
  static final Setting<String> DRILL_AT =
      Setting.optional(
          "at",
          TIME_OF_DAY,
          "as soon as `every` has passed since the one before",
          "The time of day for drills, such as \"04:00\", as for backups.");
  static final Setting<Boolean> COUNT_ROWS =
      Setting.withDefault(
          "count_rows",
          new Flag(),
          "true",
          "Whether the rows of all tables are counted with each base backup, on a standby if there"
              + " is one, so that a drill can compare them. That reads every table once.");
  static final Setting<Path> DRILL_FOLDER =
      Setting.optional(
          "folder",
          new FilePath("a folder", false),
          "drills in the fleet's own folder",
          "The folder for the throw-away server. It needs room for all of the data.");
  static final Setting<Values> DRILL =
      Setting.optional(
          "drill",
          Section.of(
              "a mapping of the keys every, at, folder, count_rows and checks",
              DRILL_EVERY,
              DRILL_AT,
              DRILL_FOLDER,
              COUNT_ROWS,
              CHECKS),
          "a drill every seven days",
          "Drills: a repository proves that it can be restored from, by being restored.");
  static final Section SECTION =
      Section.of(
          "a mapping of the keys repositories, key, every, at, full_every, wal,"
              + " wal_interval, standbys_from and drill",
          REPOSITORIES,
          KEY,
          EVERY,
          AT,
          FULL_EVERY,
          WAL,
          WAL_INTERVAL,
          STANDBYS_FROM,
          DRILL);

  private BackupKeys() {}

  private static Map<String, BackupSpec.Wal> walWords() {
    Map<String, BackupSpec.Wal> words = new LinkedHashMap<>();
    words.put("stream", BackupSpec.Wal.STREAM);
    words.put("archive_command", BackupSpec.Wal.ARCHIVE_COMMAND);
    return words;
  }

  static BackupSpec record(Values values) {
    return new BackupSpec(
        values.find(REPOSITORIES).orElse(Map.of()).entrySet().stream()
            .map(entry -> repository(entry.getKey(), entry.getValue()))
            .toList(),
        values.find(KEY).map(BackupKeys::key),
        values.get(EVERY),
        values.find(AT).map(LocalTime::parse),
        values.get(FULL_EVERY),
        values.get(WAL_INTERVAL),
        values.find(STANDBYS_FROM),
        values.get(WAL),
        values.find(DRILL).map(BackupKeys::drill).orElse(BackupSpec.Drill.USUAL));
  }

  private static BackupSpec.Drill drill(Values values) {
    return new BackupSpec.Drill(
        values.get(DRILL_EVERY),
        values.find(DRILL_AT).map(LocalTime::parse),
        values.find(DRILL_FOLDER),
        values.get(COUNT_ROWS),
        values.find(CHECKS).orElse(Map.of()).entrySet().stream()
            .map(check ->
                new BackupSpec.Check(
                    check.getKey(), check.getValue().get(DATABASE), check.getValue().get(QUERY)))
            .toList());
  }

  private static BackupSpec.KeySource key(Values values) {
    return values
        .find(ENV)
        .<BackupSpec.KeySource>map(BackupSpec.KeySource.FromEnvironment::new)
        .or(() -> values.find(FILE).map(BackupSpec.KeySource.FromFile::new))
        .or(() -> values.find(COMMAND).map(BackupSpec.KeySource.FromCommand::new))
        .orElseThrow();
  }

  private static BackupSpec.Repository repository(String name, Values values) {
    BackupSpec.Store store =
        values
            .find(FOLDER)
            .<BackupSpec.Store>map(BackupSpec.Folder::new)
            .or(() -> values.find(S3).map(BackupKeys::bucket))
            .orElseThrow();
    Optional<Values> keep = values.find(KEEP);
    return new BackupSpec.Repository(
        name,
        store,
        new BackupSpec.Keep(
            keep.flatMap(kept -> kept.find(BACKUPS)),
            keep.flatMap(kept -> kept.find(AGE)),
            keep.flatMap(kept -> kept.find(WINDOW))),
        values.get(SYNCHRONOUS));
  }

  private static BackupSpec.Bucket bucket(Values values) {
    Optional<BackupSpec.Login> login =
        values
            .find(ACCESS_KEY)
            .flatMap(key ->
                values.find(SECRET_KEY).map(secret -> new BackupSpec.Login(key, secret(secret))));
    return new BackupSpec.Bucket(
        values.get(BUCKET), values.get(REGION), values.find(ENDPOINT), values.get(PREFIX), login);
  }

  private static PasswordSource secret(Values values) {
    return values
        .find(ENV)
        .<PasswordSource>map(PasswordSource.FromEnvironment::new)
        .or(() -> values.find(FILE).map(PasswordSource.FromFile::new))
        .orElseThrow();
  }
}
