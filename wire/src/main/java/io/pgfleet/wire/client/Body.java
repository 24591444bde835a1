package io.pgfleet.wire.client;

import io.pgfleet.wire.ServerReport;
import java.net.ProtocolException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the fields of one message; a body that ends too early or too late is refused. */
final class Body {
  private final byte type;
  private final ByteBuffer bytes;

  Body(byte type, ByteBuffer bytes) {
    this.type = type;
    this.bytes = bytes;
  }

  ByteBuffer remaining() {
    return bytes;
  }

  int int32() throws ProtocolException {
    try {
      return bytes.getInt();
    } catch (BufferUnderflowException e) {
      throw malformed();
    }
  }

  int int16() throws ProtocolException {
    try {
      return bytes.getShort();
    } catch (BufferUnderflowException e) {
      throw malformed();
    }
  }

  int int8() throws ProtocolException {
    try {
      return bytes.get() & 0xFF;
    } catch (BufferUnderflowException e) {
      throw malformed();
    }
  }

  /** A text that a zero byte ends. */
  String text() throws ProtocolException {
    int start = bytes.position();
    for (int end = start; end < bytes.limit(); end++) {
      if (bytes.get(end) == 0) {
        String text = text(end - start);
        bytes.get();
        return text;
      }
    }
    throw malformed();
  }

  /** A text of a known length in bytes. */
  String text(int length) throws ProtocolException {
    if (length < 0 || length > bytes.remaining()) {
      throw malformed();
    }
    String text =
        new String(
            bytes.array(), bytes.arrayOffset() + bytes.position(), length, StandardCharsets.UTF_8);
    bytes.position(bytes.position() + length);
    return text;
  }

  byte[] rest() {
    byte[] rest = new byte[bytes.remaining()];
    bytes.get(rest);
    return rest;
  }

  void end() throws ProtocolException {
    if (bytes.hasRemaining()) {
      throw malformed();
    }
  }

  List<Column> columns() throws ProtocolException {
    int count = int16();
    List<Column> columns = new ArrayList<>(Math.clamp(count, 0, 1600));
    for (int i = 0; i < count; i++) {
      String name = text();
      long tableOid = Integer.toUnsignedLong(int32());
      int tableColumn = int16();
      long typeOid = Integer.toUnsignedLong(int32());
      columns.add(new Column(name, tableOid, tableColumn, typeOid, int16(), int32()));
      int16(); // the format: we only ever ask for text
    }
    end();
    return List.copyOf(columns);
  }

  @Nullable String[] row(int expected) throws ProtocolException {
    int count = int16();
    if (count != expected) {
      throw new ProtocolException(
          "the server sent a row of " + count + " values for " + expected + " columns");
    }
    @Nullable String[] values = new @Nullable String[count];
    for (int i = 0; i < count; i++) {
      int length = int32();
      values[i] = length == -1 ? null : text(length);
    }
    end();
    return values;
  }

  CopyFormat copyFormat() throws ProtocolException {
    boolean binary = int8() != 0;
    int columns = int16();
    for (int i = 0; i < columns; i++) {
      int16();
    }
    end();
    return new CopyFormat(binary, columns);
  }

  ServerReport report() throws ProtocolException {
    try {
      return ServerReport.decode(bytes);
    } catch (IllegalArgumentException e) {
      throw malformed();
    }
  }

  ProtocolException malformed() {
    return new ProtocolException("the server sent a malformed message " + MessageReader.name(type));
  }
}
