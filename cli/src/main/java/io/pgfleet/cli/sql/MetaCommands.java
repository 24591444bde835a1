package io.pgfleet.cli.sql;

import io.pgfleet.wire.client.PostgresException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** All backslash commands by name, and the help made from them. */
final class MetaCommands {
  private static final List<MetaCommand> ALL =
      Stream.of(
              List.of(
                  new MetaCommand(List.of("q", "quit"), "", "quit", (a, i) -> Interpreter.End.QUIT),
                  MetaCommand.of("? help", "", "this list", (a, i) -> help(i)),
                  MetaCommand.of(
                      "h", "[COMMAND]", "SQL commands, or where one is described", SqlHelp::show)),
              ScriptCommands.ALL,
              DescribeCommands.ALL,
              SettingCommands.ALL)
          .flatMap(List::stream)
          .toList();

  private MetaCommands() {}

  static Interpreter.@Nullable End run(MetaArguments arguments, Interpreter interpreter)
      throws ShellException, IOException, PostgresException {
    return find(arguments.name()).action().run(arguments, interpreter);
  }

  private static MetaCommand find(String name) throws ShellException {
    // \d and its kin take + (more) and S (system objects too) behind their names
    String plain = name.replaceFirst("(?<=^(?:d[a-z]?|l))[+S]+$", "");
    for (MetaCommand command : ALL) {
      if (command.names().contains(plain)) {
        return command;
      }
    }
    throw new ShellException("there is no such command; " + suggestion(plain));
  }

  static List<String> names() {
    return ALL.stream().flatMap(command -> command.names().stream()).toList();
  }

  private static String suggestion(String name) {
    String nearest = "";
    int best = 3;
    for (String known : names()) {
      int distance = distance(name, known);
      if (distance < best && distance < known.length()) {
        best = distance;
        nearest = known;
      }
    }
    return nearest.isEmpty()
        ? "\\? lists them"
        : "did you mean \\" + nearest + "? \\? lists them all";
  }

  /** Levenshtein's distance. */
  static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replace = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replace, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }

  private static void help(Interpreter interpreter) throws IOException {
    List<String> lines = new ArrayList<>();
    for (MetaCommand command : ALL) {
      String usage = "\\" + command.names().getFirst() + " " + command.usage();
      lines.add("  %-34s %s".formatted(usage, command.help()));
    }
    lines.add("");
    lines.add(
        "  A statement ends with a semicolon. :name, :'name' and :\"name\" stand for variables.");
    try (var out = interpreter.session().openResult()) {
      out.append(String.join("\n", lines)).append('\n');
    }
  }
}
