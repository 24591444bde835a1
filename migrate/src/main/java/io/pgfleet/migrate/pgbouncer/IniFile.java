package io.pgfleet.migrate.pgbouncer;

import io.pgfleet.migrate.Draft;
import io.pgfleet.migrate.Finding.Verdict;
import io.pgfleet.migrate.MigrationException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The lines of a pgbouncer.ini and of what it includes (PgBouncer's manual, 'config file format'):
 * sections, {@code key = value}, comments after ; or # at a line's begin, {@code %include}.
 */
final class IniFile {
  private static final int DEEPEST = 10;
  private static final int LARGEST = 4 << 20;

  /** A setting. */
  record Entry(Path file, int line, String section, String key, String value) {}

  private final Draft draft;
  private final List<Entry> entries = new ArrayList<>();
  private String section = "";

  private IniFile(Draft draft) {
    this.draft = draft;
  }

  /** Reads a file and what it includes; lines that are no settings are reported. */
  static List<Entry> read(Path file, Draft draft) throws MigrationException {
    IniFile reading = new IniFile(draft);
    reading.lines(file, text(file), 0);
    return reading.entries;
  }

  /** Reads a text; for tests without files. */
  static List<Entry> parse(Path name, String text, Draft draft) {
    IniFile reading = new IniFile(draft);
    reading.lines(name, text, DEEPEST);
    return reading.entries;
  }

  static String text(Path file) throws MigrationException {
    try {
      if (Files.isDirectory(file)) {
        throw new MigrationException(file + " is a folder; name the file in it");
      }
      if (Files.size(file) > LARGEST) {
        throw new MigrationException(file + " is larger than 4 MiB; is it the right file?");
      }
      return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new MigrationException(file + " can't be read: " + e.getMessage());
    }
  }

  private void lines(Path file, String text, int depth) {
    int number = 0;
    for (String raw : text.split("\n", -1)) {
      number++;
      String line = raw.strip();
      if (line.isEmpty() || line.startsWith(";") || line.startsWith("#")) {
        continue;
      }
      if (line.startsWith("%include")) {
        include(file, number, line.substring("%include".length()).strip(), depth);
      } else if (line.startsWith("[")) {
        header(file, number, line);
      } else {
        setting(file, number, line);
      }
    }
  }

  private void header(Path file, int number, String line) {
    if (!line.endsWith("]") || line.length() < 3) {
      draft.note(file, number, Verdict.WRONG, line, "a section is written [name]");
      return;
    }
    section = line.substring(1, line.length() - 1).strip();
  }

  private void setting(Path file, int number, String line) {
    int end = keyEnd(line);
    int equals = line.indexOf('=', end);
    boolean sound = end > 0 && equals >= 0 && line.substring(end, equals).isBlank();
    if (!sound) {
      draft.note(
          file, number, Verdict.WRONG, word(line), "not a comment, a section or 'key = value'");
      return;
    }
    String key = line.substring(0, end);
    String plain =
        key.startsWith("\"") ? key.substring(1, key.length() - 1).replace("\"\"", "\"") : key;
    entries.add(new Entry(file, number, section, plain, line.substring(equals + 1).strip()));
  }

  /** The first word: a line that can't be read may hold a password further on. */
  private static String word(String line) {
    return line.split("[\\s=]", 2)[0];
  }

  /** Where the key ends, which may be in double quotes; -1 if there is none. */
  private static int keyEnd(String line) {
    if (line.startsWith("\"")) {
      for (int i = 1; i < line.length(); i++) {
        if (line.charAt(i) == '"') {
          if (i + 1 < line.length() && line.charAt(i + 1) == '"') {
            i++;
          } else {
            return i + 1;
          }
        }
      }
      return -1;
    }
    int end = 0;
    while (end < line.length() && line.charAt(end) != '=' && line.charAt(end) > ' ') {
      end++;
    }
    return end;
  }

  private void include(Path file, int number, String name, int depth) {
    if (name.isEmpty()) {
      draft.note(file, number, Verdict.WRONG, "%include", "names no file");
      return;
    }
    if (depth >= DEEPEST) {
      draft.note(file, number, Verdict.WRONG, "%include " + name, "files include each other");
      return;
    }
    Path folder = file.toAbsolutePath().getParent();
    Path included = folder == null ? Path.of(name) : folder.resolve(name);
    try {
      String text = text(included);
      draft.note(file, number, Verdict.MAPPED, "%include " + name, "read as part of this file");
      lines(included, text, depth + 1);
    } catch (MigrationException e) {
      draft.note(file, number, Verdict.WRONG, "%include " + name, String.valueOf(e.getMessage()));
    }
  }
}
