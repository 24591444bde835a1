package io.pgfleet.backup.push;

import io.pgfleet.backup.wal.SegmentName;
import io.pgfleet.wire.Lsn;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * What the first page of a segment says of it (PostgreSQL's src/include/access/xlog_internal.h,
 * XLogLongPageHeaderData; the same in 15 to 18).
 *
 * @param timeline of the page; in the segment in which a timeline begins, that of one before it
 * @param start the position of the segment's first byte
 * @param system the cluster's system identifier, unsigned
 * @param segmentSize bytes of each segment of the cluster
 */
public record SegmentHeader(int timeline, Lsn start, long system, int segmentSize) {
  /** Bytes that it takes. */
  static final int BYTES = 40;

  static final int PAGE = 8192;

  /** Every version's page begins with 0xD0 and a number of its own that has grown to 0xD1. */
  private static final int MAGIC = 0xD100;

  private static final int MAGIC_MASK = 0xFF00;
  private static final int LONG_HEADER = 0x0002;
  private static final int OFFSET_INFO = 2;
  private static final int OFFSET_TIMELINE = 4;
  private static final int OFFSET_POSITION = 8;
  private static final int OFFSET_SYSTEM = 24;
  private static final int OFFSET_SEGMENT = 32;
  private static final int OFFSET_PAGE = 36;

  /** Reads it from a file's first bytes; none if they are no segment's. */
  public static Optional<SegmentHeader> parse(byte[] bytes) {
    if (bytes.length < BYTES) {
      return Optional.empty();
    }
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
    int size = in.getInt(OFFSET_SEGMENT);
    int timeline = in.getInt(OFFSET_TIMELINE);
    boolean sound =
        (in.getShort(0) & MAGIC_MASK) == MAGIC
            && (in.getShort(OFFSET_INFO) & LONG_HEADER) != 0
            && timeline > 0
            && in.getInt(OFFSET_PAGE) == PAGE
            && SegmentName.isSize(size)
            && in.getLong(OFFSET_POSITION) % size == 0;
    return sound
        ? Optional.of(
            new SegmentHeader(
                timeline, new Lsn(in.getLong(OFFSET_POSITION)), in.getLong(OFFSET_SYSTEM), size))
        : Optional.empty();
  }

  /**
   * How many bytes of a segment were written, as far as its pages tell: each names its own
   * position, and one that was put by for later use still has those of an earlier segment. Zeros at
   * the end are left out, as whoever reads a segment takes what is not there for zeros.
   */
  static int written(byte[] content, Lsn start) {
    ByteBuffer in = ByteBuffer.wrap(content).order(ByteOrder.nativeOrder());
    int end = 0;
    while (end + PAGE <= content.length
        && in.getLong(end + OFFSET_POSITION) == start.value() + end) {
      end += PAGE;
    }
    while (end > 0 && content[end - 1] == 0) {
      end--;
    }
    return end;
  }
}
