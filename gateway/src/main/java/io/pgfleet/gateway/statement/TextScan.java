package io.pgfleet.gateway.statement;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Scans whole texts, and remembers what came of those that come again and again, as texts with
 * parameters do. A text is kept when it comes for the second time, so that texts with their values
 * in them displace none. Very short ones are scanned as fast as they would be found.
 */
public final class TextScan {
  private static final int SHORTEST = 24;
  private static final int LONGEST = 2048;
  private static final int SLOTS = 512;
  private static final long PRIME = 0x9E37_79B9_7F4A_7C15L;

  private record Entry(
      long[] words, int length, TrackedNames names, int flags, ReadScan.Found reads) {}

  private final StatementScan scan = new StatementScan();
  private final @Nullable Entry[] entries = new @Nullable Entry[SLOTS];
  private final long[] sightings = new long[SLOTS];
  private long serial;

  /**
   * Scans one text.
   *
   * @return flags of {@link StatementScan} and {@link ReadScan}
   */
  public int scan(ByteBuffer text, int from, int to, TrackedNames names) {
    serial++;
    int length = to - from;
    if (length < SHORTEST || length > LONGEST || text.order() != ByteOrder.BIG_ENDIAN) {
      return scan.scan(text, from, to, names);
    }
    long hash = hash(text, from, to);
    int slot = (int) (hash >>> 32) & SLOTS - 1;
    Entry entry = entries[slot];
    if (entry != null && entry.names == names && matches(entry, text, from, to)) {
      scan.reads().restore(entry.reads);
      return entry.flags;
    }
    int flags = scan.scan(text, from, to, names);
    if (sightings[slot] == hash) {
      entries[slot] = new Entry(words(text, from, to), length, names, flags, reads().found());
    }
    sightings[slot] = hash;
    return flags;
  }

  /** What was found about reading in the text that was scanned last. */
  public ReadScan reads() {
    return scan.reads();
  }

  /** The number of texts scanned; it tells one from the next. */
  public long serial() {
    return serial;
  }

  private static long hash(ByteBuffer text, int from, int to) {
    long hash = (long) to - from;
    for (int i = from; i < to; i += 8) {
      hash = (hash ^ word(text, i, to)) * PRIME;
      hash ^= hash >>> 29;
    }
    return hash * PRIME;
  }

  private static boolean matches(Entry entry, ByteBuffer text, int from, int to) {
    long[] words = entry.words;
    if (entry.length != to - from) {
      return false;
    }
    for (int i = 0; i < words.length; i++) {
      if (words[i] != word(text, from + (i << 3), to)) {
        return false;
      }
    }
    return true;
  }

  private static long[] words(ByteBuffer text, int from, int to) {
    long[] words = new long[(to - from + 7) >> 3];
    for (int i = 0; i < words.length; i++) {
      words[i] = word(text, from + (i << 3), to);
    }
    return words;
  }

  /** Eight bytes, or those that are left. */
  private static long word(ByteBuffer text, int at, int to) {
    if (to - at >= 8) {
      return text.getLong(at);
    }
    long word = 0;
    for (int i = at; i < to; i++) {
      word = (word << 8) | (text.get(i) & 0xFF);
    }
    return word;
  }
}
