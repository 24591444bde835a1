package io.pgfleet.gateway;

import io.pgfleet.gateway.statement.ByteKey;
import io.pgfleet.gateway.statement.StatementCatalog;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Puts a client's own names of statements into the errors that servers send about them. */
final class StatementNames {
  private static final Pattern SERVER_NAME = Pattern.compile(StatementCatalog.PREFIX + "\\d*");

  /** What PostgreSQL says of an unnamed statement; the gateway's stand-in for it has a name. */
  private static final String UNNAMED =
      "prepared statement \"" + StatementCatalog.PREFIX + "\" does not exist";

  /** Errors of these kinds name statements: unknown, there already, bound wrongly. */
  private static final Pattern KINDS = Pattern.compile("(?:^|\0)C(?:26000|42P05|08P01)\0");

  private StatementNames() {}

  /** The fields of an ErrorResponse in the client's names; null if they can stay as they are. */
  static byte @Nullable [] inError(ByteBuffer fields, ClientStatements statements) {
    byte[] bytes = new byte[fields.remaining()];
    fields.get(bytes);
    // one character per byte, as the text may be in any encoding
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    if (!text.contains(StatementCatalog.PREFIX) || !KINDS.matcher(text).find()) {
      return null;
    }
    String changed =
        SERVER_NAME
            .matcher(text.replace(UNNAMED, "unnamed prepared statement does not exist"))
            .replaceAll(found -> Matcher.quoteReplacement(clientName(found.group(), statements)));
    return changed.equals(text) ? null : changed.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static String clientName(String serverName, ClientStatements statements) {
    ByteKey name = statements.nameOf(serverName.getBytes(StandardCharsets.US_ASCII));
    return name == null ? serverName : new String(name.toBytes(), StandardCharsets.ISO_8859_1);
  }
}
