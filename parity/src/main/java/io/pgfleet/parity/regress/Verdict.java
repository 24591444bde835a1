package io.pgfleet.parity.regress;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a route's outputs come to beside the direct run's. */
final class Verdict {
  /** A difference that the list does not explain. */
  record Unexplained(String test, Hunk hunk, Explained.Elsewhere pgbouncer) {}

  private final Route route;
  private final Map<String, List<Hunk>> differences = new LinkedHashMap<>();
  private final Map<String, Integer> explained = new HashMap<>();
  private final List<Unexplained> unexplained = new ArrayList<>();
  private List<Explained.Entry> stale = List.of();

  private Verdict(Route route) {
    this.route = route;
  }

  /**
   * Compares.
   *
   * @param pgbouncer PgBouncer's differences by test, to say of each new one whether it is shared
   */
  static Verdict of(
      Route route,
      List<String> tests,
      SuiteRun run,
      Explained list,
      Map<String, List<Hunk>> pgbouncer)
      throws InterruptedException {
    Verdict verdict = new Verdict(route);
    for (String test : tests) {
      List<Hunk> hunks = Hunk.between(run.output(Route.DIRECT, test), run.output(route, test));
      if (hunks.isEmpty()) {
        continue;
      }
      verdict.differences.put(test, hunks);
      for (Hunk hunk : hunks) {
        Optional<Explained.Reason> reason = list.reason(test, hunk);
        if (reason.isPresent()) {
          verdict.explained.merge(reason.get().name(), 1, Integer::sum);
        } else {
          verdict.unexplained.add(
              new Unexplained(
                  test, hunk, elsewhere(hunk, pgbouncer.getOrDefault(test, List.of()))));
        }
      }
    }
    verdict.stale = list.stale(tests);
    return verdict;
  }

  private static Explained.Elsewhere elsewhere(Hunk hunk, List<Hunk> pgbouncer) {
    if (pgbouncer.stream().anyMatch(other -> other.lines().equals(hunk.lines()))) {
      return Explained.Elsewhere.SAME;
    }
    return pgbouncer.stream().anyMatch(hunk::overlaps)
        ? Explained.Elsewhere.OTHER
        : Explained.Elsewhere.NONE;
  }

  Map<String, List<Hunk>> differences() {
    return differences;
  }

  /** Entries of the list that did not show do not count: which server a client gets is chance. */
  boolean passes() {
    return unexplained.isEmpty();
  }

  /** In the form of the list, to be given reasons there. */
  void writeUnexplained(Path file) throws IOException {
    StringBuilder text = new StringBuilder();
    for (Unexplained each : unexplained) {
      text.append("# PgBouncer: ").append(each.pgbouncer()).append('\n');
      text.append("== ").append(each.test()).append(" REASON\n");
      each.hunk().lines().forEach(line -> text.append(line).append('\n'));
      text.append('\n');
    }
    java.nio.file.Files.writeString(file, text);
  }

  /** For people. */
  String text(int tests) {
    int hunks = differences.values().stream().mapToInt(List::size).sum();
    StringBuilder text =
        new StringBuilder(
            "%s: %d of %d tests as direct, %d places differ in %d tests, %d of them unexplained%n"
                .formatted(
                    route.title(),
                    tests - differences.size(),
                    tests,
                    hunks,
                    differences.size(),
                    unexplained.size()));
    explained.forEach((name, count) ->
        text.append("  explained as ").append(name).append(": ").append(count).append('\n'));
    unexplained.stream()
        .limit(40)
        .forEach(each ->
            text.append("  ").append(each.test()).append(":\n").append(each.hunk().text(12)));
    stale.forEach(entry ->
        text.append("  in the list but not seen: ")
            .append(entry.test())
            .append(' ')
            .append(entry.lines().getFirst())
            .append('\n'));
    return text.toString();
  }
}
