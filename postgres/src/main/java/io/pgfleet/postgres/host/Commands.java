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
    return run(command, "", limit);
  }

  /**
   * The same with something to read on its standard input.
   *
   * @param input as short as a pipe holds, 64 kB: nobody writes while its output is read
   */
  public static Result run(List<String> command, String input, Duration limit) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    prepare(builder);
    if (input.isEmpty()) {
      builder.redirectInput(Path.of("/dev/null").toFile());
    }
    Process process = builder.start();
    if (!input.isEmpty()) {
      give(process, input);
    }
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

  private static void give(Process process, String input) throws IOException {
    try (OutputStream standardInput = process.getOutputStream()) {
      standardInput.write(input.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      // It ended before it had read all; why is in its output.
      if (process.isAlive()) {
        process.destroyForcibly();
        throw e;
      }
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
