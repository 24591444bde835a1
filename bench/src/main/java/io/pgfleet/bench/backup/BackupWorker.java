package io.pgfleet.bench.backup;

import io.pgfleet.backup.Archive;
import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.base.Backups;
import io.pgfleet.backup.base.Taking;
import io.pgfleet.backup.restore.RecoveryTarget;
import io.pgfleet.backup.restore.RestorePlan;
import io.pgfleet.backup.restore.Restoring;
import io.pgfleet.backup.sealed.UserKey;
import io.pgfleet.backup.store.FolderStore;
import io.pgfleet.backup.wal.SegmentName;
import io.pgfleet.backup.wal.WalArchive;
import io.pgfleet.postgres.Server;
import io.pgfleet.postgres.ServerConfig;
import io.pgfleet.postgres.host.ServerUser;
import io.pgfleet.postgres.install.InstalledPostgres;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * Our side as a program of its own, so that its processor time and memory are those of a process,
 * as the other side's are. Nobody but the benchmark starts it.
 */
public final class BackupWorker {
  /** The environment variable with the key, if there is one. */
  static final String KEY = "PGFLEET_BENCH_KEY";

  /** All files of a restore are on disk. */
  static final String FILES = "files";

  private static final Duration PATIENCE = Duration.ofMinutes(30);

  private final Archive archive;
  private final long system;
  private final int threads;

  private BackupWorker(Path repository, long system, int threads) {
    Optional<UserKey> key =
        Optional.ofNullable(System.getenv(KEY)).map(text -> UserKey.parse(text, KEY));
    this.archive =
        Archive.open(new FolderStore(repository), new Archive.Owner("bench", "main", system), key);
    this.system = system;
    this.threads = threads;
  }

  /** The arguments of a backup. */
  static List<String> backup(Path repository, long system, int threads, int port) {
    return List.of(
        "backup",
        repository.toString(),
        Long.toString(system),
        Integer.toString(threads),
        Integer.toString(port));
  }

  /** The arguments of a restore; the server is left running. */
  static List<String> restore(
      Path repository, long system, int threads, int port, Path target, Path programs) {
    return List.of(
        "restore",
        repository.toString(),
        Long.toString(system),
        Integer.toString(threads),
        Integer.toString(port),
        target.toString(),
        programs.toString());
  }

  /** Does what the arguments say, and ends with status 1 if it fails. */
  public static void main(String[] args) {
    try {
      BackupWorker worker =
          new BackupWorker(Path.of(args[1]), Long.parseLong(args[2]), Integer.parseInt(args[3]));
      Sql sql = new Sql(Integer.parseInt(args[4]));
      switch (args[0]) {
        case "backup" -> worker.backup(sql);
        case "restore" -> worker.restore(sql, Path.of(args[5]), Path.of(args[6]));
        default -> throw new IllegalArgumentException(args[0]);
      }
    } catch (BackupException e) {
      System.out.println(e.getMessage() + " " + e.hint());
      System.exit(1);
    }
  }

  private void backup(Sql sql) {
    new Taking(archive, InstantSource.system(), threads, true)
        .take(sql.settings(), "bench", system, _ -> {});
  }

  private void restore(Sql sql, Path target, Path programs) {
    Server server =
        new Server(InstalledPostgres.at(programs), target, ServerUser.resolve(Optional.empty()));
    WalArchive wal = new WalArchive(archive, SegmentName.USUAL_SIZE);
    RecoveryTarget latest = new RecoveryTarget.Latest();
    RestorePlan plan = RestorePlan.of(new Backups(archive).all(), wal, latest);
    Restoring restoring = new Restoring(archive, wal, threads, PATIENCE);
    restoring.unpack(server, plan, _ -> {});
    System.out.println(MeasuredProgram.MARK + FILES);
    restoring.recover(server, ServerConfig.loopback(sql.port()), plan, latest);
  }
}
