package io.pgfleet.wire;

/**
 * A position in the write-ahead log, in bytes from its beginning (PostgreSQL manual, 'pg_lsn
 * Type'). Unsigned 64 bits.
 */
public record Lsn(long value) implements Comparable<Lsn> {
  /** The position before any WAL: what PostgreSQL calls an invalid LSN. */
  public static final Lsn ZERO = new Lsn(0);

  /**
   * Reads the manual's text form, two hexadecimal halves: {@code 16/B374D848}.
   *
   * @throws IllegalArgumentException if the text has another form
   */
  public static Lsn parse(String text) {
    int slash = text.indexOf('/');
    if (slash < 1 || slash > 8 || text.length() - slash < 2 || text.length() - slash > 9) {
      throw new IllegalArgumentException("not an LSN like 16/B374D848: " + text);
    }
    try {
      long high = Long.parseLong(text, 0, slash, 16);
      long low = Long.parseLong(text, slash + 1, text.length(), 16);
      if (high < 0 || low < 0) {
        throw new NumberFormatException("negative half");
      }
      return new Lsn(high << 32 | low);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("not an LSN like 16/B374D848: " + text, e);
    }
  }

  /** The bytes of WAL from {@code earlier} to this position; negative if it lies behind. */
  public long minus(Lsn earlier) {
    return value - earlier.value;
  }

  /** Whether this position is at or past the other. */
  public boolean reaches(Lsn other) {
    return compareTo(other) >= 0;
  }

  @Override
  public int compareTo(Lsn other) {
    return Long.compareUnsigned(value, other.value);
  }

  @Override
  public String toString() {
    return String.format("%X/%X", value >>> 32, value & 0xFFFF_FFFFL);
  }
}
