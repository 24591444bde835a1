package io.pgfleet.wire.client;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Builds messages one after the other in memory and sends them with {@link #flush}. */
final class MessageWriter {
  private static final int USUAL_SIZE = 8 * 1024;

  private final OutputStream out;
  private byte[] buffer = new byte[USUAL_SIZE];
  private int size;
  private int lengthAt;

  MessageWriter(OutputStream out) {
    this.out = out;
  }

  /** Begins a message; {@link #end} fills its length in. */
  MessageWriter begin(byte type) {
    int8(type);
    return beginUntyped();
  }

  /** Begins a message of the start-up, which has no type. */
  MessageWriter beginUntyped() {
    lengthAt = size;
    return int32(0);
  }

  MessageWriter int8(int value) {
    room(1);
    buffer[size++] = (byte) value;
    return this;
  }

  MessageWriter int16(int value) {
    room(Short.BYTES);
    ByteBuffer.wrap(buffer).putShort(size, (short) value);
    size += Short.BYTES;
    return this;
  }

  MessageWriter int32(int value) {
    room(Integer.BYTES);
    ByteBuffer.wrap(buffer).putInt(size, value);
    size += Integer.BYTES;
    return this;
  }

  /** A text and its closing zero byte. */
  MessageWriter text(String text) {
    if (text.indexOf('\0') >= 0) {
      size = 0;
      throw new IllegalArgumentException("a text for PostgreSQL holds a zero byte");
    }
    return bytes(text.getBytes(StandardCharsets.UTF_8)).int8(0);
  }

  /** A parameter's length and text, or -1 for null. */
  MessageWriter value(@Nullable String text) {
    if (text == null) {
      return int32(-1);
    }
    byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
    return int32(encoded.length).bytes(encoded);
  }

  MessageWriter bytes(byte[] bytes) {
    return bytes(bytes, bytes.length);
  }

  MessageWriter bytes(byte[] bytes, int count) {
    room(count);
    System.arraycopy(bytes, 0, buffer, size, count);
    size += count;
    return this;
  }

  MessageWriter end() {
    ByteBuffer.wrap(buffer).putInt(lengthAt, size - lengthAt);
    return this;
  }

  void flush() throws IOException {
    int count = size;
    size = 0;
    out.write(buffer, 0, count);
    out.flush();
    if (buffer.length > 16 * USUAL_SIZE) {
      buffer = new byte[USUAL_SIZE];
    }
  }

  private void room(int bytes) {
    if (bytes > buffer.length - size) {
      buffer = Arrays.copyOf(buffer, Math.max(2 * buffer.length, Math.addExact(size, bytes)));
    }
  }
}
