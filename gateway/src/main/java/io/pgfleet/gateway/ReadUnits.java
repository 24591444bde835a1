package io.pgfleet.gateway;

import io.pgfleet.wire.Protocol;
import io.pgfleet.wire.ServerReport;
import io.pgfleet.wire.SqlState;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The requests that a client has under way on a standby by the gateway's own choice. A unit is what
 * one ReadyForQuery answers: a Query, or messages of the extended protocol up to their Sync.
 *
 * <p>The bytes of each unit are kept till it is answered, and its answer is held back, in the
 * server's inbox, till it is all there or too long: as long as nothing of it has been shown, the
 * unit can be taken back and run on the primary, and nobody sees that it was elsewhere before.
 */
final class ReadUnits {
  /** What is held back of one answer at most. */
  private static final int HELD = 32 << 10;

  private static final int KEPT_WHILE_IDLE = 1 << 10;
  private static final byte[] NOTHING = {};

  private byte[] kept = NOTHING;
  private int from;
  private int to;
  private int[] lengths = new int[4];
  private long[] shapes = new long[4];
  private int units;
  private int open;
  private boolean shown;
  private @Nullable ServerReport failure;
  private int failedEnd;
  private boolean beginsTransaction;
  private boolean reliesOnUnnamed;

  /** Nothing is under way. */
  boolean isEmpty() {
    return units == 0 && open == 0;
  }

  /** The units that have been sent whole. */
  int size() {
    return units;
  }

  /** The unit that is sent now begins a transaction that stays on the standby. */
  void begins(boolean transaction) {
    beginsTransaction |= transaction;
  }

  boolean beginsTransaction() {
    return beginsTransaction;
  }

  /** Some unit under way uses an unnamed statement of before. */
  boolean reliesOnUnnamed() {
    return reliesOnUnnamed;
  }

  void reliesOnUnnamed(boolean now) {
    reliesOnUnnamed |= now;
  }

  /** A message of the unit is sent. */
  void keep(ByteBuffer source, int start, int end) {
    int length = end - start;
    if (kept.length - to < length) {
      int used = to - from;
      byte[] room =
          kept.length - used >= length ? kept : new byte[Math.max(256, (used + length) * 2)];
      System.arraycopy(kept, from, room, 0, used);
      kept = room;
      from = 0;
      to = used;
    }
    source.get(start, kept, to, length);
    to += length;
    open += length;
  }

  /** The unit is sent. */
  void closed(long shape) {
    if (units == lengths.length) {
      lengths = Arrays.copyOf(lengths, units * 2);
      shapes = Arrays.copyOf(shapes, units * 2);
    }
    lengths[units] = open;
    shapes[units] = shape;
    units++;
    open = 0;
  }

  /** What the first unit's texts look like. */
  long shape() {
    return shapes[0];
  }

  /** The first unit was answered. */
  void answered() {
    if (units == 0) {
      return;
    }
    from += lengths[0];
    units--;
    System.arraycopy(lengths, 1, lengths, 0, units);
    System.arraycopy(shapes, 1, shapes, 0, units);
    if (isEmpty()) {
      clear();
    }
  }

  void clear() {
    from = 0;
    to = 0;
    units = 0;
    open = 0;
    shown = false;
    failure = null;
    beginsTransaction = false;
    reliesOnUnnamed = false;
    if (kept.length > KEPT_WHILE_IDLE) {
      kept = NOTHING;
    }
  }

  /** All that was sent and not answered, to be sent again. */
  byte[] bytes() {
    return Arrays.copyOfRange(kept, from, to);
  }

  /** Part of the first unit's answer has gone to the client. */
  boolean shown() {
    return shown;
  }

  /** What the server answered the first unit with that is not for the client. */
  @Nullable ServerReport failure() {
    return failure;
  }

  /** Where the answer of the failed unit ends in the bytes last looked at. */
  int failedEnd() {
    return failedEnd;
  }

  /**
   * Looks through answers that have come.
   *
   * @param passing bytes at the beginning that belong to a message already shown in part
   * @return up to where they may be shown now
   */
  int admit(ByteBuffer source, int passing) {
    int limit = source.limit();
    int unit = source.position();
    int at = unit + passing;
    int left = units;
    ServerReport found = null;
    failure = null;
    while (at < limit && left > 0) {
      if (limit - at < Protocol.HEADER_SIZE) {
        break;
      }
      byte type = source.get(at);
      int length = source.getInt(at + 1);
      if (length < 4) {
        return limit;
      }
      if (at + 1L + length > limit) {
        break;
      }
      if (type == Protocol.Backend.ERROR_RESPONSE && !shown) {
        ServerReport report =
            ServerReport.decode(
                source.slice(at + Protocol.HEADER_SIZE, length + 1 - Protocol.HEADER_SIZE));
        found = found == null && another(report) ? report : found;
      }
      at += 1 + length;
      if (type == Protocol.Backend.READY_FOR_QUERY) {
        if (found != null) {
          failure = found;
          failedEnd = at;
          return unit;
        }
        unit = at;
        shown = false;
        left--;
      }
    }
    if (left == 0 || shown || unit == limit) {
      return limit;
    }
    if (found != null || limit - unit < HELD) {
      return unit;
    }
    shown = true;
    return limit;
  }

  /** Whether the primary may answer otherwise than with this error. */
  private static boolean another(ServerReport report) {
    if (report.severity().equals("FATAL") || report.severity().equals("PANIC")) {
      return true;
    }
    String state = report.sqlState();
    return switch (state) {
      case SqlState.READ_ONLY_TRANSACTION,
          SqlState.SERIALIZATION_FAILURE,
          SqlState.FEATURE_NOT_SUPPORTED,
          "40P01",
          "55000",
          "3F000" ->
          true;
      case SqlState.SYNTAX_ERROR -> false;
      // what is not there yet; damage that only the standby has
      default ->
          state.startsWith("42")
              || state.startsWith("57P")
              || state.startsWith("58")
              || state.startsWith("XX");
    };
  }
}
