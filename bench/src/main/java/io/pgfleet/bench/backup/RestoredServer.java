package io.pgfleet.bench.backup;

import io.pgfleet.bench.BenchException;
import io.pgfleet.postgres.Server;
import io.pgfleet.postgres.StopMode;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A server that was made from a repository. */
record RestoredServer(Place place, Path data, int port) implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(30);
  private static final Duration STOP = Duration.ofMinutes(1);
  private static final long LOOK_MILLIS = 10;

  /**
   * Starts PostgreSQL as anybody would whose recovery stands in its files, and waits until it takes
   * writes.
   */
  void start() throws InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(place.installation().program("postgres").toString(), "-D", data.toString()));
    // What the source has on its command line, and must not be the same here.
    for (String setting :
        List.of(
            "port=" + port,
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "hba_file=" + data.resolve("pg_hba.conf"))) {
      command.add("-c");
      command.add(setting);
    }
    Path log = place.folder().resolve(data.getFileName() + ".log");
    try {
      Files.deleteIfExists(log);
      Process process =
          new ProcessBuilder(place.user().command(command))
              .directory(place.folder().toFile())
              .redirectErrorStream(true)
              .redirectInput(Path.of("/dev/null").toFile())
              .redirectOutput(Redirect.to(log.toFile()))
              .start();
      await(process, log);
    } catch (IOException e) {
      throw new BenchException("the restored server can't be started: " + e.getMessage(), "");
    }
  }

  private void await(Process process, Path log) throws IOException, InterruptedException {
    Sql sql = new Sql(port);
    long until = System.nanoTime() + PATIENCE.toNanos();
    while (!sql.serves()) {
      if (!process.isAlive() || System.nanoTime() - until > 0) {
        List<String> said = Files.readAllLines(log);
        throw new BenchException(
            "the restored server does not serve: "
                + String.join(" / ", said.subList(Math.max(0, said.size() - 3), said.size())),
            "--keep leaves all files there");
      }
      Thread.sleep(LOOK_MILLIS);
    }
  }

  /** Stops it and drops its data. */
  @Override
  public void close() {
    new Server(place.installation(), data, place.user()).stop(StopMode.IMMEDIATE, STOP);
    place.drop(data);
  }
}
