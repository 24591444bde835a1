package io.pgfleet.bench.carddb;

import java.util.BitSet;

/**
 * What one client was told about its writes. A write is begun, and then acknowledged, or in doubt
 * if its last answer was an error or none. Kept by one thread, read by others once it has ended.
 */
final class Promises {
  private final BitSet acknowledged = new BitSet();
  private int begun;

  /** The number of the next write. */
  int begin() {
    return begun++;
  }

  void acknowledge(int sequence) {
    if (sequence >= begun) {
      throw new IllegalArgumentException("write " + sequence + " was never begun");
    }
    acknowledged.set(sequence);
  }

  int begun() {
    return begun;
  }

  int acknowledged() {
    return acknowledged.cardinality();
  }

  boolean isAcknowledged(int sequence) {
    return acknowledged.get(sequence);
  }

  boolean isBegun(int sequence) {
    return sequence < begun;
  }

  /** How many acknowledged writes are not among those that are there. */
  int missing(BitSet present) {
    BitSet missing = (BitSet) acknowledged.clone();
    missing.andNot(present);
    return missing.cardinality();
  }

  /** How many are there that were begun, but not acknowledged. */
  int settledLate(BitSet present) {
    BitSet late = (BitSet) present.clone();
    late.andNot(acknowledged);
    late.clear(begun, Math.max(begun, late.length()));
    return late.cardinality();
  }

  /** How many are there that nobody begun. */
  int strangers(BitSet present) {
    return present.get(begun, Math.max(begun, present.length())).cardinality();
  }
}
