package io.pgfleet.backup.push;

import io.pgfleet.wire.Lsn;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;

/**
 * Where a server's WAL ended at which moments, to tell up to when all is archived that was written
 * by then.
 */
final class WrittenTimes {
  /** What is older is known less exactly then, and never too young. */
  private static final int MOST = 2000;

  /** The server looks at its archive_timeout about every second. */
  private static final Duration SLACK = Duration.ofSeconds(5);

  private record Seen(Lsn end, Instant at) {}

  private final Deque<Seen> seen = new ArrayDeque<>();
  private Instant confirmed = Instant.EPOCH;

  /** WAL ended there at that moment. */
  void note(Lsn end, Instant at) {
    if (!seen.isEmpty() && seen.getLast().end().equals(end)) {
      seen.removeLast();
    }
    seen.addLast(new Seen(end, at));
    if (seen.size() > MOST) {
      Iterator<Seen> every = seen.iterator();
      for (boolean drop = false; every.hasNext(); drop = !drop) {
        every.next();
        if (drop) {
          every.remove();
        }
      }
    }
  }

  /**
   * The last moment by which nothing was written that is not archived now.
   *
   * @param archived where what is archived ends
   * @param begun where the segment begins that is being written
   * @param timeout after which the server ends a segment in which there is anything that counts;
   *     zero for never
   */
  Instant confirmed(Lsn archived, Lsn begun, Duration timeout, Instant now) {
    while (!seen.isEmpty() && archived.reaches(seen.getFirst().end())) {
      later(seen.removeFirst().at());
    }
    if (!timeout.isZero() && archived.reaches(begun)) {
      // A server at rest writes a little that is no reason to end a segment.
      later(now.minus(timeout).minus(SLACK));
    }
    return confirmed;
  }

  private void later(Instant at) {
    confirmed = at.isAfter(confirmed) ? at : confirmed;
  }
}
