package io.pgfleet.gateway.auth;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Passwords of users that log in without one, so that the gateway can open servers for them. The
 * text has the form of PgBouncer's userlist.txt: a user and a password on each line, both in double
 * quotes, a quote inside doubled, ';' before comments.
 */
public final class UserSecrets {
  /** None. */
  public static final UserSecrets NONE = new UserSecrets(Map.of());

  private final Map<String, String> passwords;

  private UserSecrets(Map<String, String> passwords) {
    this.passwords = Map.copyOf(passwords);
  }

  /**
   * Reads a text.
   *
   * @throws AuthFileException with all that is wrong; no password is repeated there
   */
  public static UserSecrets parse(String name, String text) throws AuthFileException {
    List<AuthProblem> problems = new ArrayList<>();
    Map<String, String> passwords = new HashMap<>();
    int number = 0;
    for (String line : text.split("\n", -1)) {
      number++;
      String stripped = line.strip();
      if (stripped.isEmpty() || stripped.startsWith(";") || stripped.startsWith("#")) {
        continue;
      }
      List<String> words = new ArrayList<>();
      int end = quoted(stripped, 0, words);
      end = end < 0 ? end : quoted(stripped, end, words);
      if (end < 0 || words.getFirst().isEmpty()) {
        problems.add(
            new AuthProblem(
                name, number, 1, "the line is not of the form \"user\" \"password\"", ""));
      } else if (words.get(1).startsWith("SCRAM-SHA-256$")) {
        problems.add(
            new AuthProblem(
                name,
                number,
                1,
                "a SCRAM verifier can check a login, but not make one",
                "Give the password, or leave the user out."));
      } else if (passwords.put(words.getFirst(), words.get(1)) != null) {
        problems.add(new AuthProblem(name, number, 1, "the user was named before", ""));
      }
    }
    if (!problems.isEmpty()) {
      throw new AuthFileException(problems);
    }
    return new UserSecrets(passwords);
  }

  /** Reads a quoted word, and gives the place after it; -1 if there is none. */
  private static int quoted(String line, int from, List<String> words) {
    int at = from;
    while (at < line.length() && Character.isWhitespace(line.charAt(at))) {
      at++;
    }
    if (at >= line.length() || line.charAt(at) != '"') {
      return -1;
    }
    StringBuilder word = new StringBuilder();
    for (at++; at < line.length(); at++) {
      if (line.charAt(at) != '"') {
        word.append(line.charAt(at));
      } else if (at + 1 < line.length() && line.charAt(at + 1) == '"') {
        word.append('"');
        at++;
      } else {
        words.add(word.toString());
        return at + 1;
      }
    }
    return -1;
  }

  /** The password of a user, or its {@code md5...} hash. */
  public Optional<String> of(String user) {
    return Optional.ofNullable(passwords.get(user));
  }

  @Override
  public String toString() {
    return "UserSecrets[" + passwords.size() + " users]";
  }
}
