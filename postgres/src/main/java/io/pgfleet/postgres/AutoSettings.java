package io.pgfleet.postgres;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The text of {@code postgresql.auto.conf}, which ALTER SYSTEM writes: a line a setting.
 *
 * @param owned the lines that set what is not a user's to set
 * @param rest the text with those made comments
 */
record AutoSettings(List<String> owned, String rest) {
  private static final Pattern ASSIGNMENT =
      Pattern.compile("\\s*([A-Za-z_][A-Za-z0-9_.]*)[\\s=].*");

  static AutoSettings split(String text, Set<String> ownedNames) {
    List<String> owned = new ArrayList<>();
    StringBuilder rest = new StringBuilder();
    for (String line : text.lines().toList()) {
      Matcher matcher = ASSIGNMENT.matcher(line);
      if (matcher.matches() && ownedNames.contains(matcher.group(1).toLowerCase(Locale.ROOT))) {
        owned.add(matcher.group(1));
        rest.append("# taken out by pgfleet, which sets it itself: ");
      }
      rest.append(line).append('\n');
    }
    return new AutoSettings(List.copyOf(owned), rest.toString());
  }
}
