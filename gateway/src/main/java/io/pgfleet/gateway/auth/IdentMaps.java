package io.pgfleet.gateway.auth;

import io.pgfleet.gateway.auth.RuleText.Word;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which names of other systems stand for which users of the database (PostgreSQL manual, 'User Name
 * Maps').
 */
public final class IdentMaps {
  /** No maps. */
  public static final IdentMaps NONE = new IdentMaps(List.of());

  /**
   * A line.
   *
   * @param like if present, an expression in the place of the name
   * @param user as written, with a \1 that stands for the expression's first group
   */
  private record Entry(String map, String name, Optional<Pattern> like, Word user) {}

  private final List<Entry> entries;

  private IdentMaps(List<Entry> entries) {
    this.entries = List.copyOf(entries);
  }

  /**
   * Reads the maps of a text.
   *
   * @throws AuthFileException with all that is wrong
   */
  public static IdentMaps parse(String name, String text, Optional<Path> folder)
      throws AuthFileException {
    List<AuthProblem> problems = new ArrayList<>();
    List<Entry> entries = new ArrayList<>();
    for (RuleText.Line line : RuleText.lines(name, text, problems)) {
      List<List<Word>> fields = line.fields();
      Word first = fields.getFirst().getFirst();
      if (fields.size() != 3) {
        problems.add(
            RuleText.at(
                first,
                name,
                "the line has " + fields.size() + " fields, not 3",
                "A line is: map system-name user."));
        continue;
      }
      Word other = fields.get(1).getFirst();
      Word user = fields.get(2).getFirst();
      for (List<Word> field : fields) {
        if (field.size() > 1) {
          problems.add(RuleText.at(field.get(1), name, "a comma has no meaning here", ""));
        }
      }
      Optional<Pattern> like =
          other.startsWith('/') ? Names.expression(other, name, problems) : Optional.empty();
      if (user.startsWith('/')) {
        Names.expression(user, name, problems);
      }
      if (like.isPresent()
          && user.text().contains("\\1")
          && like.get().matcher("").groupCount() == 0) {
        problems.add(
            RuleText.at(
                user, name, "\\1 has nothing to stand for", "Put a part of the name in ( )."));
      }
      entries.add(new Entry(first.text(), other.text(), like, user));
    }
    if (!problems.isEmpty()) {
      throw new AuthFileException(problems);
    }
    return new IdentMaps(entries);
  }

  /** Whether there is a map of this name. */
  public boolean has(String map) {
    return entries.stream().anyMatch(entry -> entry.map().equals(map));
  }

  /** Whether rules that look at the user's roles are among them. */
  public boolean needsRoles() {
    return entries.stream().anyMatch(entry -> entry.user().startsWith('+'));
  }

  /**
   * Whether somebody known elsewhere by a name may log in as a user.
   *
   * @param map empty if the names must be equal
   * @param roles that the user is a member of
   */
  public boolean allows(Optional<String> map, String name, String user, Set<String> roles) {
    if (map.isEmpty()) {
      return name.equals(user);
    }
    for (Entry entry : entries) {
      if (entry.map().equals(map.get()) && fits(entry, name, user, roles)) {
        return true;
      }
    }
    return false;
  }

  private static boolean fits(Entry entry, String name, String user, Set<String> roles) {
    String wanted = entry.user().text();
    if (entry.like().isPresent()) {
      Matcher found = entry.like().get().matcher(name);
      if (!found.find()) {
        return false;
      }
      wanted = Names.replaced(wanted, found);
    } else if (!entry.name().equals(name)) {
      return false;
    }
    if (entry.user().is("all")) {
      return true;
    }
    if (entry.user().startsWith('+')) {
      return roles.contains(wanted.substring(1));
    }
    if (entry.user().startsWith('/')) {
      return Pattern.compile(entry.user().text().substring(1)).matcher(user).find();
    }
    return wanted.equals(user);
  }
}
