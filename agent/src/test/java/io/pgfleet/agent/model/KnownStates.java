package io.pgfleet.agent.model;

/** A set of fingerprints. */
final class KnownStates {
  private long[] high = new long[1 << 16];
  private long[] low = new long[1 << 16];
  private int size;

  int size() {
    return size;
  }

  /** Adds one; whether it is new. */
  boolean add(Fingerprint fingerprint) {
    if (3L * size > 2L * high.length) {
      grow();
    }
    boolean fresh = put(fingerprint.high(), fingerprint.low());
    size += fresh ? 1 : 0;
    return fresh;
  }

  private boolean put(long left, long right) {
    int mask = high.length - 1;
    int slot = (int) left & mask;
    // An empty slot holds zeroes, which no state is likely to have either.
    while (high[slot] != 0 || low[slot] != 0) {
      if (high[slot] == left && low[slot] == right) {
        return false;
      }
      slot = (slot + 1) & mask;
    }
    high[slot] = left;
    low[slot] = right;
    return true;
  }

  private void grow() {
    long[] lefts = high;
    long[] rights = low;
    high = new long[2 * lefts.length];
    low = new long[2 * lefts.length];
    for (int i = 0; i < lefts.length; i++) {
      if (lefts[i] != 0 || rights[i] != 0) {
        put(lefts[i], rights[i]);
      }
    }
  }
}
