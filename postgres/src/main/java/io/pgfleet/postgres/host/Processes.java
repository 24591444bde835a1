package io.pgfleet.postgres.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The machine's processes, by {@code /proc} where there is one. */
public final class Processes {
  private static final Path PROC = Path.of("/proc");
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private Processes() {}

  /** Whether the machine has Linux's {@code /proc}. */
  public static boolean haveProc() {
    return Files.isReadable(PROC.resolve("self/stat"));
  }

  /** Whether a process of this number runs; one that has ended but was not fetched does not. */
  public static boolean runs(long pid) {
    if (pid <= 0) {
      return false;
    }
    if (haveProc()) {
      try {
        return !isOver(Files.readString(PROC.resolve(pid + "/stat"), StandardCharsets.ISO_8859_1));
      } catch (IOException e) {
        return false;
      }
    }
    return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
  }

  /** Whether the content of {@code /proc/PID/stat} is that of a zombie or a dead process. */
  static boolean isOver(String stat) {
    // The program's name stands in parentheses and may hold any character, these included.
    int state = stat.lastIndexOf(')') + 2;
    return state < 2 || state >= stat.length() || "ZXx".indexOf(stat.charAt(state)) >= 0;
  }

  /** The folder a process works in, if that may be known. */
  public static Optional<Path> workingFolder(long pid) {
    try {
      return Optional.of(Files.readSymbolicLink(PROC.resolve(pid + "/cwd")));
    } catch (IOException | UnsupportedOperationException e) {
      return Optional.empty();
    }
  }

  /** A process's command line, one word an element; empty if it can't be known. */
  public static List<String> commandLine(long pid) {
    if (haveProc()) {
      try {
        String line = Files.readString(PROC.resolve(pid + "/cmdline"), StandardCharsets.ISO_8859_1);
        return line.isEmpty() ? List.of() : List.of(line.split("\0"));
      } catch (IOException e) {
        return List.of();
      }
    }
    return ProcessHandle.of(pid).flatMap(handle -> handle.info().command()).stream().toList();
  }

  /** Every process that works in a folder and whose program is PostgreSQL's; Linux only. */
  public static List<Long> postgresWorkingIn(Path folder) {
    List<Long> found = new ArrayList<>();
    if (!haveProc()) {
      return found;
    }
    try (var entries = Files.newDirectoryStream(PROC, "[1-9]*")) {
      for (Path entry : entries) {
        long pid = Long.parseLong(entry.getFileName().toString());
        if (workingFolder(pid).filter(folder::equals).isPresent() && isPostgres(pid) && runs(pid)) {
          found.add(pid);
        }
      }
    } catch (IOException | NumberFormatException ignored) {
      // processes come and go while we look
    }
    return found;
  }

  /** Whether a process's program is PostgreSQL's server, a postmaster or one of its children. */
  public static boolean isPostgres(long pid) {
    List<String> words = commandLine(pid);
    if (words.isEmpty()) {
      return false;
    }
    String program = words.getFirst();
    // A child's title is 'postgres: checkpointer', with the cluster's name before the second colon.
    return program.startsWith("postgres:")
        || program.endsWith("/postgres")
        || program.endsWith("/postmaster")
        || program.equals("postgres");
  }

  /**
   * Sends a signal by its name without SIG: by the system's call, or by the shell's own kill where
   * Java may not make that call, as a small machine may lack the program.
   */
  public static void signal(long pid, String signal) throws IOException {
    if (KillCall.send(pid, signal)) {
      return;
    }
    Commands.Result result =
        Commands.run(
            List.of("/bin/sh", "-c", "kill -\"$0\" \"$1\"", signal, Long.toString(pid)), LIMIT);
    if (!result.succeeded() && runs(pid)) {
      throw new IOException("can't signal process " + pid + ": " + result.output());
    }
  }
}
