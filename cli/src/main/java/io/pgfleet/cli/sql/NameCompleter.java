package io.pgfleet.cli.sql;

import io.pgfleet.wire.client.Connection;
import io.pgfleet.wire.client.PostgresException;
import io.pgfleet.wire.client.Row;
import io.pgfleet.wire.client.TransactionState;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jline.reader.Candidate;
import org.jline.reader.Completer;
import org.jline.reader.LineReader;
import org.jline.reader.ParsedLine;
import org.jspecify.annotations.Nullable;

/** Completes commands, keywords, and the tables and columns of the database. */
final class NameCompleter implements Completer {
  private static final Set<String> BEFORE_TABLES =
      Set.of(
          "from",
          "join",
          "into",
          "update",
          "table",
          "truncate",
          "analyze",
          "vacuum",
          "\\d",
          "\\d+",
          "\\dt",
          "\\copy",
          "copy",
          "on",
          "references");
  private static final List<String> WORDS =
      List.of(
          "ALL",
          "AND",
          "AS",
          "ASC",
          "BETWEEN",
          "BY",
          "CASCADE",
          "CASE",
          "CHECK",
          "COLUMN",
          "CONSTRAINT",
          "CROSS JOIN",
          "DATABASE",
          "DEFAULT",
          "DESC",
          "DISTINCT",
          "ELSE",
          "END",
          "EXISTS",
          "FALSE",
          "FOREIGN KEY",
          "FROM",
          "FULL JOIN",
          "FUNCTION",
          "GROUP BY",
          "HAVING",
          "ILIKE",
          "IN",
          "INDEX",
          "INNER JOIN",
          "INTO",
          "IS",
          "JOIN",
          "LATERAL",
          "LEFT JOIN",
          "LIKE",
          "LIMIT",
          "NOT",
          "NULL",
          "OFFSET",
          "ON",
          "ON CONFLICT",
          "OR",
          "ORDER BY",
          "PRIMARY KEY",
          "REFERENCES",
          "RETURNING",
          "ROLE",
          "SCHEMA",
          "SEQUENCE",
          "TABLE",
          "THEN",
          "TRUE",
          "UNION",
          "UNIQUE",
          "USING",
          "VALUES",
          "VIEW",
          "WHEN",
          "WHERE",
          "WITH");
  private static final String NAMES =
      "SELECT n.nspname, c.relname, array_to_string(ARRAY(SELECT a.attname FROM"
          + " pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT"
          + " a.attisdropped ORDER BY a.attnum), E'\\n') AS columns FROM pg_catalog.pg_class c JOIN"
          + " pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN"
          + " ('r','p','v','m','f') AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND"
          + " n.nspname !~ '^pg_toast' ORDER BY 1, 2 LIMIT 5000";

  private final Session session;
  private @Nullable Map<String, List<String>> tables;

  NameCompleter(Session session) {
    this.session = session;
  }

  /** Asks the database again at the next completion. */
  void forget() {
    tables = null;
  }

  @Override
  public void complete(LineReader reader, ParsedLine line, List<Candidate> candidates) {
    String word = line.word().substring(0, line.wordCursor());
    String before =
        line.wordIndex() == 0
            ? ""
            : line.words().get(line.wordIndex() - 1).toLowerCase(Locale.ROOT);
    Set<String> found = new TreeSet<>();
    if (word.startsWith("\\")) {
      MetaCommands.names().forEach(name -> found.add("\\" + name));
    } else {
      names(word, before, line.line().toLowerCase(Locale.ROOT), found);
      if (!BEFORE_TABLES.contains(before) && word.indexOf('.') < 0) {
        boolean lower = !word.isEmpty() && Character.isLowerCase(word.charAt(word.length() - 1));
        keywords(line.wordIndex() == 0, lower, found);
      }
    }
    for (String text : found) {
      if (text.regionMatches(true, 0, word, 0, word.length())) {
        candidates.add(new Candidate(text));
      }
    }
  }

  private static void keywords(boolean first, boolean lower, Set<String> found) {
    for (String keyword : SqlHelp.commands()) {
      found.add(lower ? keyword.toLowerCase(Locale.ROOT) : keyword);
    }
    if (!first) {
      for (String keyword : WORDS) {
        found.add(lower ? keyword.toLowerCase(Locale.ROOT) : keyword);
      }
    }
  }

  private void names(String word, String before, String line, Set<String> found) {
    Map<String, List<String>> known = known();
    int dot = word.lastIndexOf('.');
    String owner = dot < 0 ? "" : word.substring(0, dot);
    for (Map.Entry<String, List<String>> table : known.entrySet()) {
      String name = table.getKey();
      String plain = name.substring(name.indexOf('.') + 1);
      if (dot >= 0) {
        found.add(name);
        if (owner.equals(plain) || owner.equals(name)) {
          table.getValue().forEach(column -> found.add(owner + "." + column));
        }
        continue;
      }
      found.add(plain);
      if (!BEFORE_TABLES.contains(before) && line.contains(plain)) {
        found.addAll(table.getValue());
      }
    }
  }

  private Map<String, List<String>> known() {
    Map<String, List<String>> known = tables;
    if (known != null) {
      return known;
    }
    known = new TreeMap<>();
    Connection connection = session.connectionOrNull();
    boolean usable =
        connection != null
            && !connection.isBroken()
            && !session.isRunning()
            && connection.transactionState() != TransactionState.FAILED;
    if (connection != null && usable) {
      try {
        for (Row row : connection.query(NAMES).getFirst().rows()) {
          String name = quoted(row.required("nspname")) + "." + quoted(row.required("relname"));
          List<String> columns =
              row.required("columns").lines().map(NameCompleter::quoted).toList();
          known.put(name, columns);
        }
      } catch (IOException | PostgresException e) {
        known.clear(); // completion offers the less
      }
    }
    tables = known;
    return known;
  }

  private static String quoted(String name) {
    return name.matches("[a-z_][a-z0-9_]*") ? name : Variables.identifier(name);
  }
}
