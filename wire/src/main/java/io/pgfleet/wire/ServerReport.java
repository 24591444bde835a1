package io.pgfleet.wire;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The body of an ErrorResponse or a NoticeResponse: a text for each field code (PostgreSQL manual,
 * 'Error and Notice Message Fields').
 *
 * @param fields field code to text, in the order they came
 */
public record ServerReport(Map<Character, String> fields) {
  /** Localised severity; {@link #severity} prefers the one that is not. */
  public static final char LOCAL_SEVERITY = 'S';

  public static final char SEVERITY = 'V';
  public static final char CODE = 'C';
  public static final char MESSAGE = 'M';
  public static final char DETAIL = 'D';
  public static final char HINT = 'H';

  /** Where in the statement, in characters from 1. */
  public static final char POSITION = 'P';

  public static final char WHERE = 'W';

  public ServerReport {
    fields = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(fields));
  }

  /** An error as a server would raise it, with no detail and no hint. */
  public static ServerReport of(String severity, String sqlState, String message) {
    Map<Character, String> fields = new LinkedHashMap<>();
    fields.put(LOCAL_SEVERITY, severity);
    fields.put(SEVERITY, severity);
    fields.put(CODE, sqlState);
    fields.put(MESSAGE, message);
    return new ServerReport(fields);
  }

  /** This report with one field more, or another text for it. */
  public ServerReport with(char field, String text) {
    Map<Character, String> more = new LinkedHashMap<>(fields);
    more.put(field, text);
    return new ServerReport(more);
  }

  /**
   * Reads a message body from its first field to the closing zero byte.
   *
   * @throws IllegalArgumentException if the body ends inside a field
   */
  public static ServerReport decode(ByteBuffer body) {
    Map<Character, String> fields = new LinkedHashMap<>();
    while (body.hasRemaining()) {
      byte code = body.get();
      if (code == 0) {
        return new ServerReport(fields);
      }
      fields.put((char) (code & 0xFF), readText(body));
    }
    throw new IllegalArgumentException("an error report without its closing byte");
  }

  private static String readText(ByteBuffer body) {
    int start = body.position();
    while (body.hasRemaining()) {
      if (body.get() == 0) {
        byte[] bytes = new byte[body.position() - start - 1];
        body.get(start, bytes);
        return new String(bytes, StandardCharsets.UTF_8);
      }
    }
    throw new IllegalArgumentException("an error report that ends inside a field");
  }

  /** The body as it goes on the wire, closing byte included. */
  public byte[] encode() {
    var out = new java.io.ByteArrayOutputStream(128);
    fields.forEach((code, text) -> {
      out.write(code);
      out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
      out.write(0);
    });
    out.write(0);
    return out.toByteArray();
  }

  /** ERROR, FATAL, PANIC, WARNING, NOTICE, DEBUG, INFO or LOG, never translated. */
  public String severity() {
    String severity = fields.get(SEVERITY);
    return severity != null ? severity : fields.getOrDefault(LOCAL_SEVERITY, "ERROR");
  }

  /** The five characters of {@link SqlState}. */
  public String sqlState() {
    return fields.getOrDefault(CODE, SqlState.INTERNAL_ERROR);
  }

  public String message() {
    return fields.getOrDefault(MESSAGE, "");
  }

  public @Nullable String detail() {
    return fields.get(DETAIL);
  }

  public @Nullable String hint() {
    return fields.get(HINT);
  }
}
