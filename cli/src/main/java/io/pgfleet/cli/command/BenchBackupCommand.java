package io.pgfleet.cli.command;

import io.pgfleet.bench.backup.BackupBenchmark;
import io.pgfleet.bench.backup.BackupSettings;
import io.pgfleet.bench.backup.DataSize;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code pgfleet bench backup}. */
@Command(
    name = "backup",
    description = {
      "Full backups of one server and restores from them, beside pgBackRest, in turn: throughput,"
          + " processor time and memory.",
      "",
      "Both compress by zstd at level 1, with as many threads as the other has processes. Needs"
          + " Debian's pgbackrest and postgresql-15."
    },
    footer = {"", "Exit status: 0 if both were measured, and restored what was there."})
final class BenchBackupCommand implements Callable<Integer> {
  /** Data of a benchmark is no secret; what counts is that it is encrypted. */
  private static final String KEY = "5e".repeat(32);

  @Option(
      names = "--size",
      paramLabel = "SIZE",
      defaultValue = "2GB",
      description = "Of the database, such as 300MB. Default: ${DEFAULT-VALUE}.")
  private String size = "";

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "6",
      description =
          "How often each; an even number has each side first equally often. Default:"
              + " ${DEFAULT-VALUE}.")
  private int rounds;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "2",
      description = "Our threads, and pgBackRest's process-max. Default: ${DEFAULT-VALUE}.")
  private int threads;

  @Option(
      names = "--encrypted",
      description = "Both encrypt: pgBackRest by AES-256-CBC, pgfleet by AES-256-GCM.")
  private boolean encrypted;

  @Option(
      names = "--postgres",
      paramLabel = "FOLDER",
      defaultValue = "/usr/lib/postgresql/15",
      description = "An installed PostgreSQL that both know. Default: ${DEFAULT-VALUE}.")
  private Path postgres = Path.of("");

  @Mixin private BenchOutput output = new BenchOutput();

  @Option(names = "--keep", description = "Leave all files there.")
  private boolean keep;

  @Override
  public Integer call() throws InterruptedException {
    return BenchCommand.measure(() -> {
      new BackupBenchmark(
              output.folder(),
              postgres,
              new BackupSettings(
                  rounds,
                  threads,
                  DataSize.parse(size),
                  encrypted ? Optional.of(KEY) : Optional.empty(),
                  keep),
              output.page(BackupBenchmark.GROUP))
          .run(System.out::println);
      return 0;
    });
  }
}
