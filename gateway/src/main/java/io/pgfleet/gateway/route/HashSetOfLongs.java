package io.pgfleet.gateway.route;

import java.util.Collection;

/** A set of hashes, immutable, that is asked without an allocation. */
final class HashSetOfLongs {
  private final long[] slots;
  private final boolean hasZero;

  HashSetOfLongs(Collection<Long> values) {
    int capacity = Integer.highestOneBit(Math.max(4, values.size() * 2)) * 2;
    slots = new long[capacity];
    boolean zero = false;
    for (long value : values) {
      zero |= value == 0;
      int slot = slot(value);
      while (slots[slot] != 0 && slots[slot] != value) {
        slot = slot + 1 & capacity - 1;
      }
      slots[slot] = value;
    }
    hasZero = zero;
  }

  boolean contains(long value) {
    if (value == 0) {
      return hasZero;
    }
    int slot = slot(value);
    while (slots[slot] != 0) {
      if (slots[slot] == value) {
        return true;
      }
      slot = slot + 1 & slots.length - 1;
    }
    return false;
  }

  private int slot(long value) {
    return (int) (value ^ value >>> 32) & slots.length - 1;
  }
}
