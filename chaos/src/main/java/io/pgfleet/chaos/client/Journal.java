package io.pgfleet.chaos.client;

import io.pgfleet.chaos.check.Attempt;
import io.pgfleet.chaos.check.Attempt.Outcome;
import io.pgfleet.chaos.check.Findings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** All that clients were told, with its time. */
public final class Journal {
  /** The tables that clients write. */
  public enum Kind {
    APPEND,
    TRANSFER,
    /** Straight to a server, past the gateway. */
    PROBE
  }

  /** An error that a client saw. */
  public record ClientError(Duration at, String client, String text) {}

  /** How many attempts ended how. */
  public record Counts(long acknowledged, long failed, long unknown) {}

  private final RunClock clock;
  private final Findings findings;
  private final Map<Kind, List<Attempt>> attempts = new LinkedHashMap<>();
  private final Map<String, List<Duration>> acknowledged = new TreeMap<>();
  private final Map<String, NavigableMap<Duration, Long>> latest = new TreeMap<>();
  private final List<ClientError> errors = new ArrayList<>();
  private long reads;

  /** An empty journal. */
  public Journal(RunClock clock, Findings findings) {
    this.clock = clock;
    this.findings = findings;
    for (Kind kind : Kind.values()) {
      attempts.put(kind, new ArrayList<>());
    }
  }

  RunClock clock() {
    return clock;
  }

  synchronized void wrote(Kind kind, Attempt attempt) {
    attempts.getOrDefault(kind, List.of()).add(attempt);
    if (attempt.outcome() == Outcome.ACKNOWLEDGED) {
      Duration now = clock.now();
      if (kind != Kind.PROBE) {
        acknowledged.computeIfAbsent(attempt.client(), _ -> new ArrayList<>()).add(now);
      }
      if (kind == Kind.APPEND) {
        NavigableMap<Duration, Long> last =
            latest.computeIfAbsent(attempt.client(), _ -> new TreeMap<>());
        last.put(now, attempt.sequence());
      }
    }
  }

  /** The newest of a client's appends that was acknowledged up to a moment; 0 if none was. */
  synchronized long newestAppend(String client, Duration until) {
    NavigableMap<Duration, Long> known = latest.get(client);
    if (known == null) {
      return 0;
    }
    Map.Entry<Duration, Long> entry = known.floorEntry(until);
    if (entry == null) {
      return 0;
    }
    known.headMap(entry.getKey(), false).clear();
    return entry.getValue();
  }

  synchronized void read() {
    reads++;
  }

  synchronized void error(String client, Throwable error) {
    String text = String.valueOf(error.getMessage()).lines().findFirst().orElse("");
    errors.add(new ClientError(clock.now(), client, text));
  }

  /** A promise about reads is broken. */
  void violation(String what) {
    findings.add(what + ", at " + clock.now().toMillis() + " ms of the run");
  }

  /** All attempts of a kind. */
  public synchronized List<Attempt> attempts(Kind kind) {
    return List.copyOf(attempts.getOrDefault(kind, List.of()));
  }

  /** When each client's writes through the gateway were acknowledged. */
  public synchronized Map<String, List<Duration>> acknowledgements() {
    Map<String, List<Duration>> copy = new TreeMap<>();
    acknowledged.forEach((client, times) -> copy.put(client, List.copyOf(times)));
    return copy;
  }

  /** Every error that a client of the gateway saw. */
  public synchronized List<ClientError> errors() {
    return List.copyOf(errors);
  }

  /** How many reads were answered and checked. */
  public synchronized long reads() {
    return reads;
  }

  /** How the attempts of a kind ended. */
  public synchronized Counts counts(Kind kind) {
    Map<Outcome, Long> sums =
        attempts.getOrDefault(kind, List.of()).stream()
            .collect(Collectors.groupingBy(Attempt::outcome, Collectors.counting()));
    return new Counts(
        sums.getOrDefault(Outcome.ACKNOWLEDGED, 0L),
        sums.getOrDefault(Outcome.FAILED, 0L),
        sums.getOrDefault(Outcome.UNKNOWN, 0L));
  }
}
