package io.pgfleet.parity.soak;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.pgfleet.gateway.message.Messages;
import io.pgfleet.wire.Protocol;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;

/** Messages of a client. */
final class Requests {
  private Requests() {}

  static byte[] query(String sql) {
    return Messages.query(sql);
  }

  static byte[] parse(String name, String sql) {
    return text(Protocol.Frontend.PARSE, name + "\0" + sql + "\0\0\0");
  }

  /** A Bind to the unnamed portal of one text parameter. */
  static byte[] bind(String statement, String parameter) {
    byte[] value = parameter.getBytes(UTF_8);
    var body = new ByteArrayOutputStream();
    body.writeBytes(("\0" + statement + "\0\0\0\0\1").getBytes(UTF_8));
    body.writeBytes(ByteBuffer.allocate(4).putInt(value.length).array());
    body.writeBytes(value);
    body.writeBytes(new byte[] {0, 0});
    return Messages.of(Protocol.Frontend.BIND, body.toByteArray());
  }

  static byte[] describe(String statement) {
    return text(Protocol.Frontend.DESCRIBE, "S" + statement + "\0");
  }

  /** Of the unnamed portal, with a limit of rows; 0 is none. */
  static byte[] execute(int rows) {
    return Messages.of(
        Protocol.Frontend.EXECUTE, ByteBuffer.allocate(5).put((byte) 0).putInt(rows).array());
  }

  static byte[] close(String statement) {
    return text(Protocol.Frontend.CLOSE, "S" + statement + "\0");
  }

  static byte[] flush() {
    return text(Protocol.Frontend.FLUSH, "");
  }

  static byte[] sync() {
    return Messages.SYNC;
  }

  static byte[] copyData(String data) {
    return text(Protocol.Frontend.COPY_DATA, data);
  }

  static byte[] copyDone() {
    return text(Protocol.Frontend.COPY_DONE, "");
  }

  static byte[] copyFail() {
    return text(Protocol.Frontend.COPY_FAIL, "given up\0");
  }

  static byte[] terminate() {
    return text(Protocol.Frontend.TERMINATE, "");
  }

  private static byte[] text(byte type, String body) {
    return Messages.of(type, body.getBytes(UTF_8));
  }
}
