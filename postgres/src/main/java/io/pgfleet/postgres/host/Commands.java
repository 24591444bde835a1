package io.pgfleet.postgres.host;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs a short program to its end and keeps what it said. */
public final class Commands {
  private static final int KEPT_OUTPUT = 64 * 1024;

  private Commands() {}

  /** How a program ended: its exit status and its output, both streams in one. */
  public record Result(int status, String output) {
    /** Whether the program says that it did its work. */
    public boolean succeeded() {
      return status == 0;
    }
  }

  /**
   * Runs a program in the root folder, with none of libpq's variables in its environment, so that a
   * user's {@code PGDATA} or {@code PGPORT} can't lead it astray.
   *
   * @throws IOException if it can't be run, or does not end in time (it is killed then)
   */
  public static Result run(List<String> command, Duration limit) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    prepare(builder);
    builder.redirectInput(Path.of("/dev/null").toFile());
    Process process = builder.start();
    Thread killer =
        Thread.ofVirtual()
            .start(() -> {
              try {
                if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                  process.destroyForcibly();
                }
              } catch (InterruptedException ignored) {
                // the program has ended
              }
            });
    try (var output = process.getInputStream()) {
      byte[] kept = output.readNBytes(KEPT_OUTPUT);
      // Drained, so that the program does not block on a full pipe.
      output.transferTo(OutputStream.nullOutputStream());
      int status = process.waitFor();
      return new Result(status, new String(kept, StandardCharsets.UTF_8).strip());
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while " + command.getFirst() + " ran");
    } finally {
      killer.interrupt();
    }
  }

  /** Sets the folder and the environment in which every program of PostgreSQL is run. */
  public static void prepare(ProcessBuilder builder) {
    builder.directory(Path.of("/").toFile());
    Map<String, String> environment = builder.environment();
    environment.keySet().removeIf(name -> name.startsWith("PG") || name.startsWith("LC_"));
    // Messages that can be recognised; and macOS can't start a server without a locale.
    environment.put("LC_ALL", "C");
  }
}
