package io.pgfleet.agent.model;

/**
 * 128 bits that stand for a packed state. Two different states of an exploration share one with a
 * probability below 10^-24, so a state is taken to be known if its fingerprint is.
 */
final class Fingerprint {
  private long high;
  private long low;
  private long word;
  private int filled;

  void clear() {
    high = 0x243F6A8885A308D3L;
    low = 0x13198A2E03707344L;
    word = 0;
    filled = 0;
  }

  /** Adds the lowest bits of a value that fits into them. */
  void add(int value, int bits) {
    if (value < 0 || value >>> bits != 0) {
      throw new IllegalArgumentException(value + " does not fit into " + bits + " bits");
    }
    if (filled + bits > Long.SIZE) {
      mix();
    }
    word |= (long) value << filled;
    filled += bits;
  }

  void add(boolean value) {
    add(value ? 1 : 0, 1);
  }

  /** Ends the packing. */
  void finish() {
    mix();
    high = spread(high ^ low);
    low = spread(low + high);
  }

  private void mix() {
    high = spread(high ^ word) + low;
    low = Long.rotateLeft(low ^ (word * 0x9E3779B97F4A7C15L), 29) * 0xBF58476D1CE4E5B9L + high;
    word = 0;
    filled = 0;
  }

  /** A bijection that lets each bit change all. */
  private static long spread(long value) {
    long x = value;
    x = (x ^ (x >>> 32)) * 0xD6E8FEB86659FD93L;
    x = (x ^ (x >>> 32)) * 0xD6E8FEB86659FD93L;
    return x ^ (x >>> 32);
  }

  long high() {
    return high;
  }

  long low() {
    return low;
  }
}
