package io.pgfleet.cli.command;

import com.sun.management.UnixOperatingSystemMXBean;
import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.migrate.Migration;
import io.pgfleet.migrate.MigrationException;
import io.pgfleet.migrate.haproxy.HaproxyFile;
import io.pgfleet.migrate.pgbouncer.PgBouncerFile;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code pgfleet import}. */
@Command(
    name = "import",
    description = {
      "Turns the files of PgBouncer or HAProxy into a fleet.yaml.",
      "",
      "The fleet.yaml goes to standard output, or to a file with -o. The report goes to standard"
          + " error: a line for each line of the files, with what became of it."
    },
    subcommands = {ImportCommand.PgBouncer.class, ImportCommand.Haproxy.class})
public final class ImportCommand {
  /** What every import does with what it has read. */
  abstract static class OneFile implements Callable<Integer> {
    @Option(
        names = {"-o", "--output"},
        paramLabel = "FILE",
        description = "Writes the fleet.yaml to a new file.")
    private @Nullable Path output;

    abstract Migration migrate() throws MigrationException;

    @Override
    public Integer call() {
      try {
        return told(migrate(), output);
      } catch (MigrationException e) {
        throw new CommandFailure(String.valueOf(e.getMessage()), "see the path and permissions");
      }
    }
  }

  /** {@code pgfleet import pgbouncer}. */
  @Command(
      name = "pgbouncer",
      description = "Reads a pgbouncer.ini, and the userlist.txt that it names or that is given.")
  static final class PgBouncer extends OneFile {
    @Parameters(index = "0", paramLabel = "FILE.ini", description = "The pgbouncer.ini.")
    private Path ini = Path.of("pgbouncer.ini");

    @Parameters(
        index = "1",
        arity = "0..1",
        paramLabel = "userlist.txt",
        description = "The file of users, if it is not where the pgbouncer.ini says.")
    private @Nullable Path userlist;

    @Override
    Migration migrate() throws MigrationException {
      return PgBouncerFile.migrate(ini, Optional.ofNullable(userlist), openFiles());
    }

    private static long openFiles() {
      return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
          ? unix.getMaxFileDescriptorCount()
          : 0;
    }
  }

  /** {@code pgfleet import haproxy}. */
  @Command(
      name = "haproxy",
      description = "Reads the part of a haproxy.cfg that stands before PostgreSQL.")
  static final class Haproxy extends OneFile {
    @Parameters(index = "0", paramLabel = "FILE.cfg", description = "The haproxy.cfg.")
    private Path file = Path.of("haproxy.cfg");

    @Override
    Migration migrate() throws MigrationException {
      return HaproxyFile.migrate(file);
    }
  }

  private static int told(Migration migration, @Nullable Path output) {
    if (output == null) {
      System.out.print(migration.yaml());
    } else {
      try {
        Files.writeString(output, migration.yaml(), StandardOpenOption.CREATE_NEW);
      } catch (FileAlreadyExistsException e) {
        throw new CommandFailure(output + " is there already", "name a new file, or remove it");
      } catch (IOException e) {
        throw new CommandFailure(
            "can't write " + output + ": " + e.getMessage(), "see the path and permissions");
      }
    }
    System.err.print(migration.report());
    return 0;
  }
}
