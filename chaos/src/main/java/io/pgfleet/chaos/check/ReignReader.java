package io.pgfleet.chaos.check;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads from a server's log when it accepted writes.
 *
 * <p>What counts is the end of a statement that committed, as {@code log_min_duration_statement}
 * shows it: an INSERT of the simple query protocol, which commits before it is logged, and a COMMIT
 * of either protocol. The execution of an INSERT in the extended protocol is logged before its
 * commit, and so says nothing. A commit whose wait for the standbys was broken off is logged as
 * done as well, right after a warning of its process; nobody was told that it is.
 *
 * <p>A write was accepted when its statement began. It may be logged much later: a server that is
 * frozen while a commit waits for the standbys finds their answer when it wakes, and logs that it
 * is done when another has long been the primary, who has that commit, too.
 */
public final class ReignReader {
  private static final Pattern DONE =
      Pattern.compile(
          ".*LOG: +duration: (?<millis>[0-9]+)[0-9.]* ms +"
              + "(statement: (insert\\b|commit\\b).*|execute [^:]*: commit\\b.*)",
          Pattern.CASE_INSENSITIVE);
  private static final Pattern BROKEN_OFF =
      Pattern.compile(".*WARNING: +cancell?ing (the )?wait for synchronous replication.*");
  private static final Pattern BORDER =
      Pattern.compile(".*LOG: +(starting PostgreSQL|selected new timeline ID).*");

  private final String node;
  private final List<Reign> reigns = new ArrayList<>();
  private final Set<Long> brokenOff = new HashSet<>();
  private Instant first = Instant.MAX;
  private Instant last = Instant.MIN;
  private int writes;

  private ReignReader(String node) {
    this.node = node;
  }

  /** The reigns of a node by its log, the earliest first. */
  public static List<Reign> read(String node, Iterable<String> log) {
    ReignReader reader = new ReignReader(node);
    log.forEach(text -> LogLine.of(text).ifPresent(reader::take));
    reader.end();
    return List.copyOf(reader.reigns);
  }

  private void take(LogLine line) {
    if (BORDER.matcher(line.message()).matches()) {
      end();
      brokenOff.clear();
    } else if (BROKEN_OFF.matcher(line.message()).matches()) {
      brokenOff.add(line.process());
    } else {
      Matcher done = DONE.matcher(line.message());
      if (done.matches() && !brokenOff.remove(line.process())) {
        accepted(line.at().minusMillis(Long.parseLong(done.group("millis"))));
      }
    }
  }

  private void accepted(Instant at) {
    first = at.isBefore(first) ? at : first;
    last = at.isAfter(last) ? at : last;
    writes++;
  }

  private void end() {
    if (writes > 0) {
      reigns.add(new Reign(node, first, last, writes));
    }
    first = Instant.MAX;
    last = Instant.MIN;
    writes = 0;
  }
}
