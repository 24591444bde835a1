package io.pgfleet.parity.regress;

import io.pgfleet.parity.Programs;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One place where an output differs from the direct run's.
 *
 * @param from the first line of the direct run's output that it is about
 * @param to the line after the last
 * @param lines with {@code -} what the direct run has, with {@code +} what the other has
 */
record Hunk(int from, int to, List<String> lines) {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Pattern HEAD = Pattern.compile("@@ -(\\d+)(?:,(\\d+))? \\+.*");

  Hunk {
    lines = List.copyOf(lines);
  }

  /** All places, by the system's diff. */
  static List<Hunk> between(Path direct, Path other) throws InterruptedException {
    Programs.Outcome outcome =
        Programs.run(
            List.of("diff", "--text", "-U0", direct.toString(), other.toString()),
            Path.of("/"),
            Map.of("LC_ALL", "C"),
            PATIENCE);
    List<Hunk> hunks = new ArrayList<>();
    List<String> lines = new ArrayList<>();
    int from = 0;
    int to = 0;
    for (String line : outcome.output().lines().toList()) {
      Matcher head = HEAD.matcher(line);
      if (head.matches()) {
        if (!lines.isEmpty()) {
          hunks.add(new Hunk(from, to, lines));
          lines.clear();
        }
        from = Integer.parseInt(head.group(1));
        to = from + Math.max(1, head.group(2) == null ? 1 : Integer.parseInt(head.group(2)));
      } else if (from > 0 && (line.startsWith("-") || line.startsWith("+"))) {
        lines.add(line);
      }
    }
    if (!lines.isEmpty()) {
      hunks.add(new Hunk(from, to, lines));
    }
    return hunks;
  }

  boolean overlaps(Hunk other) {
    return from < other.to && other.from < to;
  }

  /** For people, shortened. */
  String text(int most) {
    StringBuilder text = new StringBuilder();
    lines.stream().limit(most).forEach(line -> text.append("    ").append(line).append('\n'));
    if (lines.size() > most) {
      text.append("    ... ").append(lines.size() - most).append(" more lines\n");
    }
    return text.toString();
  }
}
