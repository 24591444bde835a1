package io.pgfleet.postgres;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A server's log file: read from its end, and put aside when it has grown. */
final class ServerLog {
  private static final long LARGE = 64L * 1024 * 1024;
  private static final int TAIL = 64 * 1024;

  private final Path file;

  ServerLog(Path dataFolder) {
    this.file = dataFolder.resolve("log").resolve("postgresql.log");
  }

  Path file() {
    return file;
  }

  /** Its size in bytes; 0 if there is none. */
  long size() {
    try {
      return Files.size(file);
    } catch (IOException e) {
      return 0;
    }
  }

  void putAsideIfLarge() throws IOException {
    if (size() > LARGE) {
      Files.move(
          file,
          file.resolveSibling("postgresql.log.1"),
          java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** The last lines written after a position, the oldest first. */
  List<String> last(int count, long from) {
    try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
      long start = Math.max(from, in.length() - TAIL);
      if (start >= in.length()) {
        return List.of();
      }
      in.seek(start);
      byte[] bytes = new byte[(int) (in.length() - start)];
      in.readFully(bytes);
      List<String> lines = new String(bytes, StandardCharsets.UTF_8).lines().toList();
      return List.copyOf(lines.subList(Math.max(0, lines.size() - count), lines.size()));
    } catch (IOException e) {
      return List.of();
    }
  }

  /** What ended a server, in its own words: its last fatal line, else its last error. */
  static Optional<String> reason(List<String> lines) {
    for (String severity : List.of("PANIC:", "FATAL:", "ERROR:", "could not")) {
      for (String line : lines.reversed()) {
        int at = line.indexOf(severity);
        if (at >= 0) {
          return Optional.of(line.substring(at).strip());
        }
      }
    }
    return Optional.empty();
  }
}
