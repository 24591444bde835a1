package io.pgfleet.bench.failover;

import io.pgfleet.bench.BenchException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The postmaster of a data folder. */
final class Postmasters {
  private Postmasters() {}

  /** Kills it with SIGKILL. */
  static void kill(Path data) throws IOException {
    long pid =
        Long.parseLong(Files.readAllLines(data.resolve("postmaster.pid")).getFirst().strip());
    boolean killed = ProcessHandle.of(pid).map(ProcessHandle::destroyForcibly).orElse(false);
    if (!killed) {
      throw new BenchException("there is no process " + pid + " to kill", "");
    }
  }
}
