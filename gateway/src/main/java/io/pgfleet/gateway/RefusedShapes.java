package io.pgfleet.gateway;

/**
 * The shapes of texts that looked like reads and were none. Bounded: a newer one may take the place
 * of an older, which then costs one more try on a standby. All are forgotten after a while, since a
 * function or view may have been changed.
 */
final class RefusedShapes {
  private static final long KEPT = 300_000_000_000L;

  private final long[] slots = new long[4096];
  private long since;

  void add(long shape, long now) {
    if (now - since > KEPT) {
      java.util.Arrays.fill(slots, 0);
      since = now;
    }
    slots[slot(shape)] = shape;
  }

  boolean contains(long shape) {
    return slots[slot(shape)] == shape && shape != 0;
  }

  private int slot(long shape) {
    return (int) (shape ^ shape >>> 32) & slots.length - 1;
  }
}
