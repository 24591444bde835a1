package io.pgfleet.bench.carddb;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** What went wrong in a run, counted over all clients. */
final class Tally {
  private final LongAdder errors = new LongAdder();
  private final LongAdder retries = new LongAdder();
  private final LongAdder givenUp = new LongAdder();
  private final Map<String, LongAdder> reasons = new ConcurrentHashMap<>();

  /**
   * Counts an error.
   *
   * @param reason its SQLSTATE and message
   */
  void error(String reason) {
    errors.increment();
    reasons.computeIfAbsent(reason, _ -> new LongAdder()).increment();
  }

  void retry() {
    retries.increment();
  }

  void giveUp() {
    givenUp.increment();
  }

  long errors() {
    return errors.sum();
  }

  long retries() {
    return retries.sum();
  }

  long givenUp() {
    return givenUp.sum();
  }

  Map<String, Long> reasons() {
    Map<String, Long> sums = new TreeMap<>();
    reasons.forEach((reason, count) -> sums.put(reason, count.sum()));
    return sums;
  }
}
