package io.pgfleet.postgres.data;

import io.pgfleet.postgres.host.Processes;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a postmaster wrote into {@code postmaster.pid} (PostgreSQL's src/include/utils/pidfile.h): a
 * lock on its data folder and a report of how far it is.
 *
 * @param pid the postmaster's process; that of a single-user server where {@code singleUser}
 * @param singleUser whether it is a server without clients, as run by hand
 * @param startedAt to the second
 * @param port the TCP port, 0 if not yet written
 * @param phase its own last word
 */
public record PostmasterPid(
    long pid, boolean singleUser, Path folder, Instant startedAt, int port, Phase phase) {
  private static final int LINE_PORT = 3;
  private static final int LINE_STATUS = 7;
  private static final Duration CLOCK_SLACK = Duration.ofSeconds(5);

  /** How far a postmaster says it is. */
  public enum Phase {
    /** On its way up, recovery after a crash included. */
    STARTING,
    /** A standby that is up but can't yet be read: its data is not yet consistent. */
    STANDBY,
    /** Accepts connections. */
    READY,
    /** On its way down. */
    STOPPING
  }

  /** Reads the file's lines; empty if they are not (or not yet) those of a postmaster. */
  static Optional<PostmasterPid> parse(List<String> lines) {
    try {
      if (lines.size() < LINE_PORT) {
        return Optional.empty();
      }
      long pid = Long.parseLong(lines.getFirst().strip());
      if (pid == 0 || pid == Long.MIN_VALUE) {
        return Optional.empty();
      }
      int port = lines.size() > LINE_PORT ? Integer.parseInt(lines.get(LINE_PORT).strip()) : 0;
      Phase phase =
          lines.size() > LINE_STATUS ? phase(lines.get(LINE_STATUS).strip()) : Phase.STARTING;
      return Optional.of(
          new PostmasterPid(
              Math.abs(pid),
              pid < 0,
              Path.of(lines.get(1)),
              Instant.ofEpochSecond(Long.parseLong(lines.get(2).strip())),
              port,
              phase));
    } catch (IllegalArgumentException | java.time.DateTimeException e) {
      return Optional.empty();
    }
  }

  private static Phase phase(String word) {
    return switch (word) {
      case "ready" -> Phase.READY;
      case "standby" -> Phase.STANDBY;
      case "stopping" -> Phase.STOPPING;
      default -> Phase.STARTING; // text of the file, not a closed set
    };
  }

  /**
   * Whether the process of this number is the postmaster of the folder: it runs, is no zombie, and
   * is PostgreSQL at work in that very folder. A number that the system has given to another
   * process since is thereby told apart.
   *
   * @param realFolder the data folder with all links followed
   */
  public boolean isAlive(Path realFolder) {
    if (!Processes.runs(pid)) {
      return false;
    }
    if (!Processes.haveProc()) {
      return ProcessHandle.of(pid)
          .flatMap(handle -> handle.info().startInstant())
          .map(start -> Duration.between(start, startedAt).abs().compareTo(CLOCK_SLACK) < 0)
          .orElse(true);
    }
    Optional<Path> workingFolder = Processes.workingFolder(pid);
    // A postmaster changes into its folder before it writes the file. Where the link can't be read
    // (another user's process), the program's name must do.
    return Processes.isPostgres(pid) && workingFolder.map(realFolder::equals).orElse(true);
  }
}
