package io.pgfleet.bench.gateway;

import io.pgfleet.bench.BenchException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;

/** What pgbench wrote down of each transaction (PostgreSQL manual, 'Per-Transaction Logging'). */
final class PgbenchLog {
  private static final int ELAPSED = 2;

  private PgbenchLog() {}

  /** How long each took, in microseconds; those that failed or were skipped are left out. */
  static IntStream micros(Path file) {
    try {
      return Files.readAllLines(file).stream().flatMapToInt(PgbenchLog::elapsed);
    } catch (IOException e) {
      throw new BenchException("pgbench's log can't be read: " + e.getMessage(), "");
    }
  }

  /** The third field, which is a word for a transaction that was not done. */
  static IntStream elapsed(String line) {
    String[] fields = line.split(" ");
    boolean number =
        fields.length > ELAPSED
            && !fields[ELAPSED].isEmpty()
            && fields[ELAPSED].chars().allMatch(Character::isDigit);
    return number ? IntStream.of(Integer.parseInt(fields[ELAPSED])) : IntStream.empty();
  }

  /** The value that so great a part does not exceed. */
  static double quantile(int[] sorted, double part) {
    int rank = (int) Math.ceil(part * sorted.length);
    return sorted[Math.max(0, rank - 1)];
  }
}
