package io.pgfleet.gateway.listen;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A text of nothing but LISTEN and UNLISTEN, and what servers get instead: as many statements that
 * change nothing, so that the server decides as ever whether they may run and when they take
 * effect.
 */
public record ListenText(List<Action> actions) {
  /** What one statement asks for. */
  public sealed interface Action {
    /**
     * LISTEN.
     *
     * @param channel the name as PostgreSQL stores it
     * @param written the name as it stood in the text, fit for SQL
     */
    record Listen(String channel, String written) implements Action {}

    /** UNLISTEN of one channel. */
    record Unlisten(String channel, String written) implements Action {}

    /** UNLISTEN of all. */
    record UnlistenAll() implements Action {}
  }

  /** A listening to nothing ends here: allowed wherever LISTEN is, and without effect. */
  private static final String NOTHING = "UNLISTEN pgfleet_nothing";

  /** Identifiers longer than this are cut by PostgreSQL (NAMEDATALEN). */
  private static final int NAME_LENGTH = 63;

  private static final int LONGEST = 4096;

  private static final Pattern STATEMENT =
      Pattern.compile(
          "\\s*(LISTEN|UNLISTEN)\\s*(?:(?<=\\s)([A-Za-z_][A-Za-z0-9_$]*)"
              + "|(\"(?:[^\"]|\"\")+\")|(\\*))\\s*",
          Pattern.CASE_INSENSITIVE);

  private static final Pattern UNLISTEN =
      Pattern.compile("\\bUNLISTEN\\b(\\s*\\*\\s*(?:;|$))?", Pattern.CASE_INSENSITIVE);

  public ListenText {
    actions = List.copyOf(actions);
  }

  /**
   * Reads a text; empty if it holds anything else, or a name whose meaning depends on more than the
   * text (not of ASCII, or {@code U&"..."}), or a comment.
   */
  public static Optional<ListenText> parse(ByteBuffer source, int from, int to) {
    if (to - from > LONGEST) {
      return Optional.empty();
    }
    byte[] bytes = new byte[to - from];
    source.get(from, bytes);
    for (byte b : bytes) {
      if (b <= 0) {
        return Optional.empty();
      }
    }
    return parse(new String(bytes, StandardCharsets.US_ASCII));
  }

  /** The same for a string. */
  public static Optional<ListenText> parse(String text) {
    List<Action> actions = new ArrayList<>();
    Matcher matcher = STATEMENT.matcher(text);
    int at = 0;
    while (at < text.length()) {
      if (text.charAt(at) == ';' || Character.isWhitespace(text.charAt(at))) {
        at++;
        continue;
      }
      if (!matcher.find(at) || matcher.start() != at) {
        return Optional.empty();
      }
      Optional<Action> action = action(matcher);
      if (action.isEmpty()
          || (matcher.end() < text.length() && text.charAt(matcher.end()) != ';')) {
        return Optional.empty();
      }
      actions.add(action.get());
      at = matcher.end();
    }
    return actions.isEmpty() ? Optional.empty() : Optional.of(new ListenText(actions));
  }

  /**
   * The one {@code UNLISTEN *} of a text that holds other statements too, as drivers send to clean
   * a session up; empty if there is none, or any doubt.
   */
  public static Optional<ListenText> unlisteningAll(ByteBuffer source, int from, int to) {
    if (to - from > LONGEST) {
      return Optional.empty();
    }
    byte[] bytes = new byte[to - from];
    source.get(from, bytes);
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    Matcher all = UNLISTEN.matcher(text);
    boolean one = all.find() && all.group(1) != null && !all.find();
    return one ? Optional.of(new ListenText(List.of(new Action.UnlistenAll()))) : Optional.empty();
  }

  private static Optional<Action> action(Matcher matcher) {
    boolean listens = matcher.group(1).length() == "LISTEN".length();
    if (matcher.group(4) != null) {
      return listens ? Optional.empty() : Optional.of(new Action.UnlistenAll());
    }
    String quoted = matcher.group(3);
    String written = quoted == null ? matcher.group(2) : quoted;
    String whole =
        quoted == null
            ? written.toLowerCase(Locale.ROOT)
            : quoted.substring(1, quoted.length() - 1).replace("\"\"", "\"");
    String channel = whole.substring(0, Math.min(NAME_LENGTH, whole.length()));
    return Optional.of(
        listens ? new Action.Listen(channel, written) : new Action.Unlisten(channel, written));
  }

  /** What servers get in its place. */
  public String substitute() {
    StringBuilder sql = new StringBuilder();
    for (Action action : actions) {
      sql.append(sql.isEmpty() ? "" : ";");
      sql.append(
          switch (action) {
            case Action.Listen ignored -> NOTHING;
            case Action.Unlisten unlisten -> "UNLISTEN " + unlisten.written();
            case Action.UnlistenAll() -> "UNLISTEN *";
          });
    }
    return sql.toString();
  }
}
