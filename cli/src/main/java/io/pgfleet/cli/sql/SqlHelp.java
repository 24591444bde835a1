package io.pgfleet.cli.sql;

import java.util.List;
import java.util.Locale;

/** What {@code \h} knows: the names of PostgreSQL's commands and where the manual has them. */
final class SqlHelp {
  private static final List<String> COMMANDS =
      List.of(
          "ABORT",
          "ALTER DATABASE",
          "ALTER DEFAULT PRIVILEGES",
          "ALTER FUNCTION",
          "ALTER INDEX",
          "ALTER ROLE",
          "ALTER SCHEMA",
          "ALTER SEQUENCE",
          "ALTER SYSTEM",
          "ALTER TABLE",
          "ALTER TYPE",
          "ALTER VIEW",
          "ANALYZE",
          "BEGIN",
          "CALL",
          "CHECKPOINT",
          "CLOSE",
          "CLUSTER",
          "COMMENT",
          "COMMIT",
          "COPY",
          "CREATE DATABASE",
          "CREATE DOMAIN",
          "CREATE EXTENSION",
          "CREATE FUNCTION",
          "CREATE INDEX",
          "CREATE MATERIALIZED VIEW",
          "CREATE POLICY",
          "CREATE PROCEDURE",
          "CREATE PUBLICATION",
          "CREATE ROLE",
          "CREATE SCHEMA",
          "CREATE SEQUENCE",
          "CREATE STATISTICS",
          "CREATE SUBSCRIPTION",
          "CREATE TABLE",
          "CREATE TABLE AS",
          "CREATE TRIGGER",
          "CREATE TYPE",
          "CREATE VIEW",
          "DEALLOCATE",
          "DECLARE",
          "DELETE",
          "DISCARD",
          "DO",
          "DROP DATABASE",
          "DROP FUNCTION",
          "DROP INDEX",
          "DROP ROLE",
          "DROP SCHEMA",
          "DROP TABLE",
          "DROP TYPE",
          "DROP VIEW",
          "END",
          "EXECUTE",
          "EXPLAIN",
          "FETCH",
          "GRANT",
          "INSERT",
          "LISTEN",
          "LOCK",
          "MERGE",
          "MOVE",
          "NOTIFY",
          "PREPARE",
          "REASSIGN OWNED",
          "REFRESH MATERIALIZED VIEW",
          "REINDEX",
          "RELEASE SAVEPOINT",
          "RESET",
          "REVOKE",
          "ROLLBACK",
          "ROLLBACK TO SAVEPOINT",
          "SAVEPOINT",
          "SELECT",
          "SET",
          "SET ROLE",
          "SET TRANSACTION",
          "SHOW",
          "START TRANSACTION",
          "TRUNCATE",
          "UNLISTEN",
          "UPDATE",
          "VACUUM",
          "VALUES");

  private SqlHelp() {}

  static List<String> commands() {
    return COMMANDS;
  }

  static void show(MetaArguments arguments, Interpreter interpreter) throws ShellException {
    String wanted = arguments.from(0).toUpperCase(Locale.ROOT).replace(";", "");
    if (wanted.isEmpty()) {
      for (int i = 0; i < COMMANDS.size(); i += 3) {
        StringBuilder line = new StringBuilder();
        for (String name : COMMANDS.subList(i, Math.min(i + 3, COMMANDS.size()))) {
          line.append("  %-26s".formatted(name));
        }
        interpreter.session().say(line.toString().stripTrailing());
      }
      return;
    }
    List<String> found = COMMANDS.stream().filter(name -> name.startsWith(wanted)).toList();
    if (found.isEmpty()) {
      throw new ShellException("there is no SQL command \"" + wanted + "\"; \\h lists them");
    }
    for (String name : found) {
      String page = name.toLowerCase(Locale.ROOT).replace(" ", "");
      interpreter
          .session()
          .say("  %-26s https://www.postgresql.org/docs/current/sql-%s.html".formatted(name, page));
    }
  }
}
