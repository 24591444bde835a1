package io.pgfleet.parity.regress;

import io.pgfleet.parity.ParityException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The list of differences that are known and explained, for one route and major version. Its form:
 *
 * <pre>
 * reason NAME pgbouncer=same|other|none
 *   sentences
 *
 * == TEST NAME
 * -line of the direct run
 * +line through the gateway
 * </pre>
 */
final class Explained {
  /** What PgBouncer does in a case, for the reader of the list. */
  enum Elsewhere {
    /** It has the same limit. */
    SAME,
    /** It differs from a direct run there as well, in another way. */
    OTHER,
    /** It does as a direct connection does. */
    NONE
  }

  record Reason(String name, Elsewhere pgbouncer, String text) {}

  record Entry(String test, List<String> lines, Reason reason) {
    Entry {
      lines = List.copyOf(lines);
    }
  }

  private final Map<String, Reason> reasons = new LinkedHashMap<>();
  private final List<Entry> entries = new ArrayList<>();
  private final Set<Entry> seen = new LinkedHashSet<>();

  /** The list kept with this program; empty if there is none. */
  static Explained of(Route route, int majorVersion) {
    String name = "explained-" + route.word() + "-" + majorVersion + ".txt";
    try (InputStream in = Explained.class.getResourceAsStream(name)) {
      return in == null
          ? new Explained()
          : parse(new String(in.readAllBytes(), StandardCharsets.UTF_8), name);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Explained parse(String text, String name) {
    Explained list = new Explained();
    String reason = "";
    String test = "";
    String of = "";
    List<String> lines = new ArrayList<>();
    int number = 0;
    int head = 0;
    for (String line : (text + "\n== ").lines().toList()) {
      number++;
      if (line.startsWith("reason ")) {
        String[] words = line.split(" ");
        if (words.length != 3 || !words[2].startsWith("pgbouncer=")) {
          throw wrong(name, number, "want 'reason NAME pgbouncer=same|other|none'");
        }
        reason = words[1];
        list.reasons.put(reason, new Reason(reason, elsewhere(words[2], name, number), ""));
      } else if (line.startsWith("  ") && !reason.isEmpty()) {
        String more = line.strip();
        list.reasons.computeIfPresent(
            reason,
            (_, old) -> new Reason(old.name(), old.pgbouncer(), (old.text() + " " + more).strip()));
      } else if (line.startsWith("== ")) {
        list.add(test, lines, of, name, head);
        head = number;
        lines.clear();
        String[] words = line.split(" ");
        test = words.length > 1 ? words[1] : "";
        of = words.length > 2 ? words[2] : "";
        reason = "";
      } else if ((line.startsWith("-") || line.startsWith("+")) && !test.isEmpty()) {
        lines.add(line);
      } else if (!line.isBlank() && !line.startsWith("#")) {
        throw wrong(name, number, "neither a reason, a test nor a line of a difference: " + line);
      }
    }
    return list;
  }

  private void add(String test, List<String> lines, String of, String name, int number) {
    if (test.isEmpty()) {
      return;
    }
    Reason reason = reasons.get(of);
    if (reason == null || reason.text().isEmpty() || lines.isEmpty()) {
      throw wrong(
          name,
          number,
          "the difference in " + test + " has no lines, or its reason is not told above");
    }
    entries.add(new Entry(test, lines, reason));
  }

  private static Elsewhere elsewhere(String word, String name, int number) {
    for (Elsewhere each : Elsewhere.values()) {
      if (word.equals("pgbouncer=" + each.name().toLowerCase(java.util.Locale.ROOT))) {
        return each;
      }
    }
    throw wrong(name, number, "want pgbouncer=same, other or none");
  }

  private static ParityException wrong(String name, int line, String what) {
    return new ParityException(name + ", line " + line + ": " + what, "correct the list");
  }

  /** Why a difference is there, if the list knows it. */
  Optional<Reason> reason(String test, Hunk hunk) {
    Optional<Entry> found =
        entries.stream()
            .filter(entry -> entry.test().equals(test) && entry.lines().equals(hunk.lines()))
            .findFirst();
    found.ifPresent(seen::add);
    return found.map(Entry::reason);
  }

  /** Differences of the tests that were run which did not show any more. */
  List<Entry> stale(List<String> tests) {
    return entries.stream()
        .filter(entry -> tests.contains(entry.test()) && !seen.contains(entry))
        .toList();
  }

  int size() {
    return entries.size();
  }
}
