package io.pgfleet.gateway.admin;

import io.pgfleet.gateway.message.Messages;
import io.pgfleet.gateway.message.ProtocolViolation;
import io.pgfleet.wire.Protocol;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** RowDescription and DataRow (PostgreSQL manual, 'Message Formats'). */
final class RowMessages {
  private static final short BINARY = 1;

  private RowMessages() {}

  static byte[] description(List<Column> columns, List<Short> formats) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.writeBytes(ByteBuffer.allocate(2).putShort((short) columns.size()).array());
    for (int i = 0; i < columns.size(); i++) {
      Column column = columns.get(i);
      body.writeBytes(Messages.zeroEnded(column.name()));
      body.writeBytes(
          ByteBuffer.allocate(18)
              .putInt(0)
              .putShort((short) 0)
              .putInt(column.type().oid)
              .putShort((short) column.type().size)
              .putInt(-1)
              .putShort(format(formats, i))
              .array());
    }
    return Messages.of(Protocol.Backend.ROW_DESCRIPTION, body.toByteArray());
  }

  static byte[] row(List<Column> columns, List<@Nullable Object> values, List<Short> formats) {
    if (values.size() != columns.size()) {
      throw new IllegalArgumentException(
          values.size() + " values for " + columns.size() + " columns");
    }
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.writeBytes(ByteBuffer.allocate(2).putShort((short) values.size()).array());
    for (int i = 0; i < values.size(); i++) {
      Object value = values.get(i);
      if (value == null) {
        body.writeBytes(new byte[] {-1, -1, -1, -1});
        continue;
      }
      byte[] bytes =
          format(formats, i) == BINARY
              ? binary(columns.get(i).type(), value)
              : value.toString().getBytes(StandardCharsets.UTF_8);
      body.writeBytes(ByteBuffer.allocate(4).putInt(bytes.length).array());
      body.writeBytes(bytes);
    }
    return Messages.of(Protocol.Backend.DATA_ROW, body.toByteArray());
  }

  /** One format for all columns, one for each, or text where none is asked for. */
  private static short format(List<Short> formats, int column) {
    if (formats.size() == 1) {
      return formats.getFirst();
    }
    return column < formats.size() ? formats.get(column) : 0;
  }

  private static byte[] binary(Column.Type type, Object value) {
    return switch (type) {
      case TEXT -> value.toString().getBytes(StandardCharsets.UTF_8);
      case INT4 ->
          ByteBuffer.allocate(4)
              .putInt((int) Math.min(Integer.MAX_VALUE, ((Number) value).longValue()))
              .array();
      case INT8 -> ByteBuffer.allocate(8).putLong(((Number) value).longValue()).array();
      case NUMERIC -> numeric(((Number) value).longValue());
    };
  }

  /** The binary form of a whole number as numeric: digits to the base of 10,000. */
  private static byte[] numeric(long value) {
    List<Short> digits = new ArrayList<>();
    for (long rest = Math.abs(value); rest > 0; rest /= 10_000) {
      digits.addFirst((short) (rest % 10_000));
    }
    ByteBuffer bytes = ByteBuffer.allocate(8 + digits.size() * 2);
    bytes.putShort((short) digits.size());
    bytes.putShort((short) Math.max(0, digits.size() - 1));
    bytes.putShort((short) (value < 0 ? 0x4000 : 0));
    bytes.putShort((short) 0);
    digits.forEach(bytes::putShort);
    return bytes.array();
  }

  static int count(ByteBuffer body) throws ProtocolViolation {
    if (body.remaining() < 2) {
      throw new ProtocolViolation("invalid Bind message");
    }
    return body.getShort() & 0xFFFF;
  }

  static void skip(ByteBuffer body, int bytes) throws ProtocolViolation {
    if (body.remaining() < bytes) {
      throw new ProtocolViolation("invalid Bind message");
    }
    body.position(body.position() + bytes);
  }

  static List<Short> shorts(ByteBuffer body) throws ProtocolViolation {
    int count = count(body);
    if (body.remaining() < count * 2) {
      throw new ProtocolViolation("invalid Bind message");
    }
    List<Short> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(body.getShort());
    }
    return all;
  }
}
