package io.pgfleet.backup.wal;

import io.pgfleet.wire.Lsn;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A WAL segment: a timeline and a number, of which the name of its file is made (PostgreSQL manual,
 * 'WAL Internals'; src/include/access/xlog_internal.h, XLogFileName).
 *
 * @param timeline from 1
 * @param number of the segment from the beginning of WAL, in segments of this size
 * @param size bytes of each segment, a power of two from 1 MiB to 1 GiB
 */
public record SegmentName(int timeline, long number, int size) {
  /** What initdb takes unless it is told otherwise. */
  public static final int USUAL_SIZE = 16 * 1024 * 1024;

  private static final Pattern NAME = Pattern.compile("([0-9A-F]{8})([0-9A-F]{8})([0-9A-F]{8})");
  private static final int LEAST = 1 << 20;
  private static final int MOST = 1 << 30;
  private static final int HEX = 16;

  public SegmentName {
    if (timeline < 1 || number < 0 || !isSize(size)) {
      throw new IllegalArgumentException(
          "no WAL segment: timeline " + timeline + ", number " + number + ", size " + size);
    }
  }

  /** Whether segments may have so many bytes. */
  public static boolean isSize(int bytes) {
    return bytes >= LEAST && bytes <= MOST && Integer.bitCount(bytes) == 1;
  }

  /** The segment that holds the byte at a position. */
  public static SegmentName of(int timeline, Lsn position, int size) {
    return new SegmentName(timeline, Long.divideUnsigned(position.value(), size), size);
  }

  /** The segment whose file has this name; none if no segment's has. */
  public static Optional<SegmentName> parse(String name, int size) {
    Matcher matcher = NAME.matcher(name);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    long timeline = Long.parseLong(matcher.group(1), HEX);
    long low = Long.parseLong(matcher.group(3), HEX);
    long perLog = (1L << Integer.SIZE) / size;
    if (timeline < 1 || timeline > Integer.MAX_VALUE || low >= perLog) {
      return Optional.empty();
    }
    return Optional.of(
        new SegmentName(
            (int) timeline, Long.parseLong(matcher.group(2), HEX) * perLog + low, size));
  }

  /** The name of its file. */
  public String file() {
    long perLog = (1L << Integer.SIZE) / size;
    return "%08X%08X%08X".formatted(timeline, number / perLog, number % perLog);
  }

  /** The position of its first byte. */
  public Lsn start() {
    return new Lsn(number * size);
  }

  /** The position behind its last byte. */
  public Lsn end() {
    return new Lsn((number + 1) * size);
  }

  /** The one behind it on the same timeline. */
  public SegmentName next() {
    return new SegmentName(timeline, number + 1, size);
  }

  @Override
  public String toString() {
    return file();
  }
}
