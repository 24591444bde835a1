package io.pgfleet.gateway.auth;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** What a name must be to fit a word of a rule. */
sealed interface Names {
  /** Any name. */
  record Any() implements Names {}

  /** This name. */
  record Exactly(String name) implements Names {}

  /** A name in which the expression is found. */
  record Like(Pattern expression) implements Names {}

  /** A member of this role, directly or not; the role itself is one. */
  record MemberOf(String role) implements Names {}

  /** A database of the user's name. */
  record SameUser() implements Names {}

  /** A database of the name of a role that the user is a member of. */
  record SameRole() implements Names {}

  /** Replication connections, which never come here. */
  record Replication() implements Names {}

  /** Whether roles of the user must be known. */
  default boolean needsRoles() {
    return this instanceof MemberOf || this instanceof SameRole;
  }

  /** Whether a database fits. */
  default boolean fits(String database, String user, Set<String> roles) {
    return switch (this) {
      case Any _ -> true;
      case Exactly(String name) -> name.equals(database);
      case Like(Pattern expression) -> expression.matcher(database).find();
      case MemberOf(String role) -> roles.contains(role);
      case SameUser _ -> database.equals(user);
      case SameRole _ -> roles.contains(database);
      case Replication _ -> false;
    };
  }

  /** The words of the field for databases. */
  static List<Names> databases(List<RuleText.Word> words, String file, List<AuthProblem> problems) {
    List<Names> all = new ArrayList<>();
    for (RuleText.Word word : words) {
      if (word.is("all")) {
        all.add(new Any());
      } else if (word.is("sameuser")) {
        all.add(new SameUser());
      } else if (word.is("samerole") || word.is("samegroup")) {
        all.add(new SameRole());
      } else if (word.is("replication")) {
        all.add(new Replication());
      } else {
        plain(word, file, problems).ifPresent(all::add);
      }
    }
    return all;
  }

  /** The words of the field for users. */
  static List<Names> users(List<RuleText.Word> words, String file, List<AuthProblem> problems) {
    List<Names> all = new ArrayList<>();
    for (RuleText.Word word : words) {
      if (word.is("all")) {
        all.add(new Any());
      } else if (word.startsWith('+')) {
        all.add(new MemberOf(word.text().substring(1)));
      } else {
        plain(word, file, problems).ifPresent(all::add);
      }
    }
    return all;
  }

  private static Optional<Names> plain(
      RuleText.Word word, String file, List<AuthProblem> problems) {
    if (!word.startsWith('/')) {
      return Optional.of(new Exactly(word.text()));
    }
    return expression(word, file, problems).map(Like::new);
  }

  static Optional<Pattern> expression(RuleText.Word word, String file, List<AuthProblem> problems) {
    try {
      return Optional.of(Pattern.compile(word.text().substring(1)));
    } catch (PatternSyntaxException e) {
      problems.add(
          RuleText.at(
              word,
              file,
              "the regular expression has a mistake: " + e.getDescription(),
              "Expressions are those of Java, which has PostgreSQL's common ones."));
      return Optional.empty();
    }
  }

  /** The text that a group found is put in the place of \1 of. */
  static String replaced(String template, Matcher found) {
    String group = found.groupCount() > 0 ? found.group(1) : null;
    return group == null ? template : template.replace("\\1", group);
  }
}
