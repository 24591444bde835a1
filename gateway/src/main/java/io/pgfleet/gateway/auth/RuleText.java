package io.pgfleet.gateway.auth;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The words of a file in the form that pg_hba.conf and pg_ident.conf share (PostgreSQL manual, 'The
 * pg_hba.conf File'): fields are set apart by blanks, words of one field by commas, a word in
 * double quotes has no special meaning, '#' begins a comment, a backslash at the end joins the next
 * line.
 */
final class RuleText {
  private static final int MAX_DEPTH = 10;
  private static final long LARGEST = 1 << 20;

  /**
   * A word.
   *
   * @param quoted whether any of it was in quotes, so that it is no keyword
   */
  record Word(String text, boolean quoted, int line, int column) {
    boolean is(String keyword) {
      return !quoted && text.equals(keyword);
    }

    /** Whether it begins with a character of special meaning. */
    boolean startsWith(char special) {
      return !quoted && text.length() > 1 && text.charAt(0) == special;
    }
  }

  /** The fields of a line, each of one word or more. */
  record Line(List<List<Word>> fields, int number) {}

  private final String name;
  private final List<AuthProblem> problems;
  private final String text;
  private int at;
  private int line = 1;
  private int lineStart;

  private RuleText(String name, String text, List<AuthProblem> problems) {
    this.name = name;
    this.text = text;
    this.problems = problems;
  }

  static List<Line> lines(String name, String text, List<AuthProblem> problems) {
    return new RuleText(name, text, problems).read();
  }

  private List<Line> read() {
    List<Line> lines = new ArrayList<>();
    List<List<Word>> fields = new ArrayList<>();
    int begun = 1;
    boolean joins = false;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '\n') {
        newLine();
        if (!fields.isEmpty()) {
          lines.add(new Line(List.copyOf(fields), begun));
          fields.clear();
        }
        joins = false;
      } else if (c == '\\' && atLineEnd(at + 1)) {
        at = text.indexOf('\n', at) < 0 ? text.length() : text.indexOf('\n', at);
        if (at < text.length()) {
          newLine();
        }
      } else if (c == '#') {
        at = text.indexOf('\n', at) < 0 ? text.length() : text.indexOf('\n', at);
      } else if (c == ',') {
        if (fields.isEmpty()) {
          problem(at, "a comma before any word", "");
        }
        joins = true;
        at++;
      } else if (isBlank(c)) {
        at++;
      } else {
        if (fields.isEmpty()) {
          begun = line;
        }
        Word word = word();
        if (joins && !fields.isEmpty()) {
          fields.getLast().add(word);
        } else {
          List<Word> field = new ArrayList<>();
          field.add(word);
          fields.add(field);
        }
        joins = false;
      }
    }
    if (!fields.isEmpty()) {
      lines.add(new Line(List.copyOf(fields), begun));
    }
    return lines;
  }

  private void newLine() {
    at++;
    line++;
    lineStart = at;
  }

  private boolean atLineEnd(int from) {
    return from >= text.length()
        || text.charAt(from) == '\n'
        || (text.charAt(from) == '\r' && from + 1 < text.length() && text.charAt(from + 1) == '\n');
  }

  private static boolean isBlank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\u000B';
  }

  private Word word() {
    int start = at;
    StringBuilder word = new StringBuilder();
    boolean inQuotes = false;
    boolean quoted = false;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '\n') {
        break;
      }
      if (c == '"') {
        boolean doubled = inQuotes && at + 1 < text.length() && text.charAt(at + 1) == '"';
        if (doubled) {
          word.append('"');
          at++;
        } else {
          inQuotes = !inQuotes;
          quoted = true;
        }
      } else if (!inQuotes
          && (isBlank(c) || c == ',' || c == '#' || (c == '\\' && atLineEnd(at + 1)))) {
        break;
      } else {
        word.append(c);
      }
      at++;
    }
    if (inQuotes) {
      problem(start, "a quote that is not closed on its line", "Add the closing \".");
    }
    return new Word(word.toString(), quoted, line, start - lineStart + 1);
  }

  private void problem(int position, String message, String hint) {
    problems.add(new AuthProblem(name, line, position - lineStart + 1, message, hint));
  }

  /**
   * The words of a field with those of files named by {@code @file} in their place. Relative names
   * are looked for beside the file that names them.
   */
  static List<Word> included(
      List<Word> field, String name, Optional<Path> folder, List<AuthProblem> problems) {
    return included(field, name, folder, problems, 0);
  }

  private static List<Word> included(
      List<Word> field, String name, Optional<Path> folder, List<AuthProblem> problems, int depth) {
    List<Word> all = new ArrayList<>();
    for (Word word : field) {
      if (!word.startsWith('@')) {
        all.add(word);
        continue;
      }
      if (depth == MAX_DEPTH) {
        problems.add(at(word, name, "files name each other more than 10 deep", ""));
        continue;
      }
      String file = word.text().substring(1);
      try {
        Path path = folder.map(place -> place.resolve(file)).orElseGet(() -> Path.of(file));
        if (folder.isEmpty() && !path.isAbsolute()) {
          problems.add(
              at(word, name, "\"" + file + "\" is a relative name", "Give the whole path."));
          continue;
        }
        String content = limited(path);
        for (Line line : lines(path.toString(), content, problems)) {
          for (List<Word> inner : line.fields()) {
            all.addAll(
                included(
                    inner,
                    path.toString(),
                    Optional.ofNullable(path.getParent()),
                    problems,
                    depth + 1));
          }
        }
      } catch (IOException | IllegalArgumentException e) {
        problems.add(at(word, name, "the file \"" + file + "\" can't be read: " + e, ""));
      }
    }
    return all;
  }

  static String limited(Path file) throws IOException {
    if (Files.size(file) > LARGEST) {
      throw new IOException("it is larger than 1 MiB");
    }
    return Files.readString(file, StandardCharsets.UTF_8);
  }

  static AuthProblem at(Word word, String name, String message, String hint) {
    return new AuthProblem(name, word.line(), word.column(), message, hint);
  }
}
