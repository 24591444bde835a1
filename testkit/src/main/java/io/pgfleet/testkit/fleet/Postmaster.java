package io.pgfleet.testkit.fleet;

import io.pgfleet.postgres.host.Processes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.NoSuchElementException;
import java.util.Optional;

/** The first process of a server, found by the file that it keeps in its data folder. */
public final class Postmaster {
  private Postmaster() {}

  /** Its process id; empty if no server works in the folder. */
  public static Optional<Long> in(Path data) {
    try {
      String first = Files.readAllLines(data.resolve("postmaster.pid")).getFirst().strip();
      return Optional.of(Long.parseLong(first)).filter(Processes::isPostgres);
    } catch (IOException | NumberFormatException | NoSuchElementException e) {
      return Optional.empty();
    }
  }

  /** Kills it with SIGKILL; false if there is none. */
  public static boolean kill(Path data) {
    return in(data).flatMap(ProcessHandle::of).map(ProcessHandle::destroyForcibly).orElse(false);
  }
}
