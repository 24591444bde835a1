package io.pgfleet.gateway.message;

import io.pgfleet.wire.Protocol;
import io.pgfleet.wire.ServerReport;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Whole messages as byte arrays, for the paths where an allocation does not matter. */
public final class Messages {
  private static final byte[] NO_BODY = {};

  /** ParseComplete, CloseComplete and the like have no body. */
  public static final byte[] PARSE_COMPLETE = of(Protocol.Backend.PARSE_COMPLETE, NO_BODY);

  public static final byte[] BIND_COMPLETE = of(Protocol.Backend.BIND_COMPLETE, NO_BODY);
  public static final byte[] CLOSE_COMPLETE = of(Protocol.Backend.CLOSE_COMPLETE, NO_BODY);
  public static final byte[] NO_DATA = of(Protocol.Backend.NO_DATA, NO_BODY);
  public static final byte[] EMPTY_QUERY = of(Protocol.Backend.EMPTY_QUERY_RESPONSE, NO_BODY);
  public static final byte[] NO_PARAMETERS =
      of(Protocol.Backend.PARAMETER_DESCRIPTION, new byte[2]);
  public static final byte[] TERMINATE = of(Protocol.Frontend.TERMINATE, NO_BODY);
  public static final byte[] SYNC = of(Protocol.Frontend.SYNC, NO_BODY);

  private Messages() {}

  /** A message of any type. */
  public static byte[] of(byte type, byte[] body) {
    return ByteBuffer.allocate(Protocol.HEADER_SIZE + body.length)
        .put(type)
        .putInt(4 + body.length)
        .put(body)
        .array();
  }

  /** ErrorResponse. */
  public static byte[] error(ServerReport report) {
    return of(Protocol.Backend.ERROR_RESPONSE, report.encode());
  }

  /** ReadyForQuery with one of {@link Protocol.TransactionStatus}. */
  public static byte[] ready(byte status) {
    return of(Protocol.Backend.READY_FOR_QUERY, new byte[] {status});
  }

  /** CommandComplete. */
  public static byte[] commandComplete(String tag) {
    return of(Protocol.Backend.COMMAND_COMPLETE, zeroEnded(tag));
  }

  /** ParameterStatus. */
  public static byte[] parameterStatus(String name, String value) {
    byte[] first = zeroEnded(name);
    byte[] second = zeroEnded(value);
    byte[] body = ByteBuffer.allocate(first.length + second.length).put(first).put(second).array();
    return of(Protocol.Backend.PARAMETER_STATUS, body);
  }

  /** BackendKeyData. */
  public static byte[] backendKey(int process, byte[] secret) {
    byte[] body = ByteBuffer.allocate(4 + secret.length).putInt(process).put(secret).array();
    return of(Protocol.Backend.BACKEND_KEY_DATA, body);
  }

  /** Query. */
  public static byte[] query(String sql) {
    return of(Protocol.Frontend.QUERY, zeroEnded(sql));
  }

  /** An Authentication message with a first word and more. */
  public static byte[] authentication(int kind, byte[] more) {
    byte[] body = ByteBuffer.allocate(4 + more.length).putInt(kind).put(more).array();
    return of(Protocol.Backend.AUTHENTICATION, body);
  }

  /** CancelRequest, which has no type byte. */
  public static byte[] cancel(int process, byte[] secret) {
    return ByteBuffer.allocate(12 + secret.length)
        .putInt(12 + secret.length)
        .putInt(Protocol.CANCEL_REQUEST)
        .putInt(process)
        .put(secret)
        .array();
  }

  /** Text in UTF-8 and the zero byte that ends it. */
  public static byte[] zeroEnded(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return java.util.Arrays.copyOf(bytes, bytes.length + 1);
  }
}
