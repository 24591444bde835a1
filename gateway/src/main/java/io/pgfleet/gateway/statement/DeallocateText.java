package io.pgfleet.gateway.statement;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The text of a {@code DEALLOCATE} of one statement (PostgreSQL manual, 'DEALLOCATE'). */
public final class DeallocateText {
  private static final Pattern PATTERN =
      Pattern.compile(
          "\\s*DEALLOCATE\\s+(?:PREPARE\\s+)?(?:\"((?:[^\"]|\"\")+)\"|(\\w+))\\s*;?\\s*",
          Pattern.CASE_INSENSITIVE);

  private DeallocateText() {}

  /** The name of the statement, folded as the server folds it; null if the text is another. */
  public static byte @Nullable [] name(ByteBuffer source, int from, int to) {
    byte[] text = new byte[to - from];
    source.get(from, text);
    Matcher parts = PATTERN.matcher(new String(text, StandardCharsets.UTF_8));
    if (!parts.matches()) {
      return null;
    }
    String quoted = parts.group(1);
    String name =
        quoted == null ? parts.group(2).toLowerCase(Locale.ROOT) : quoted.replace("\"\"", "\"");
    return name.getBytes(StandardCharsets.UTF_8);
  }
}
