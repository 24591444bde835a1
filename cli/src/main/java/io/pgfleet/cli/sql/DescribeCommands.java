package io.pgfleet.cli.sql;

import io.pgfleet.wire.client.PostgresException;
import io.pgfleet.wire.client.Result;
import java.io.IOException;
import java.util.List;

/** The {@code \d} family: what is in the database, asked of the system catalogs. */
final class DescribeCommands {
  static final List<MetaCommand> ALL =
      List.of(
          MetaCommand.of(
              "d", "[PATTERN]", "describe tables, or list them", DescribeCommands::describe),
          relations("dt", "tables", "'r','p'"),
          relations("dv", "views", "'v'"),
          relations("dm", "materialized views", "'m'"),
          relations("di", "indexes", "'i','I'"),
          relations("ds", "sequences", "'S'"),
          MetaCommand.of("dn", "[PATTERN]", "schemas", DescribeCommands::schemas),
          MetaCommand.of("df", "[PATTERN]", "functions", DescribeCommands::functions),
          MetaCommand.of("du dg", "[PATTERN]", "roles", DescribeCommands::roles),
          MetaCommand.of("dx", "[PATTERN]", "extensions", DescribeCommands::extensions),
          MetaCommand.of("l list", "[PATTERN]", "databases", DescribeCommands::databases));

  private DescribeCommands() {}

  private static MetaCommand relations(String name, String what, String kinds) {
    return MetaCommand.of(
        name, "[PATTERN]", what, (arguments, interpreter) -> list(arguments, interpreter, kinds));
  }

  private static NamePattern pattern(MetaArguments arguments) {
    return NamePattern.parse(arguments.from(0));
  }

  private static boolean more(MetaArguments arguments) {
    return arguments.name().indexOf('+') >= 0;
  }

  private static boolean system(MetaArguments arguments) {
    return arguments.name().indexOf('S') >= 0;
  }

  private static void describe(MetaArguments arguments, Interpreter interpreter)
      throws ShellException, IOException, PostgresException {
    if (arguments.arguments().isEmpty()) {
      list(arguments, interpreter, "'r','p','v','m','S','f'");
      return;
    }
    NamePattern pattern = pattern(arguments);
    Result found =
        query(
            interpreter,
            "SELECT c.oid, n.nspname, c.relname, c.relkind FROM pg_catalog.pg_class c JOIN"
                + " pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE "
                + pattern.matches(
                    "n.nspname", "c.relname", "pg_catalog.pg_table_is_visible(c.oid)", true)
                + " ORDER BY 2, 3");
    if (found.rows().isEmpty()) {
      throw new ShellException("Did not find any relation named \"" + arguments.from(0) + "\".");
    }
    for (var relation : found.rows()) {
      new RelationDetails(interpreter.session(), relation, more(arguments)).print();
    }
  }

  private static void list(MetaArguments arguments, Interpreter interpreter, String kinds)
      throws ShellException, IOException, PostgresException {
    boolean indexes = kinds.contains("'i'");
    String sql =
        "SELECT n.nspname AS \"Schema\", c.relname AS \"Name\", CASE c.relkind WHEN 'r' THEN"
            + " 'table' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'i' THEN"
            + " 'index' WHEN 'S' THEN 'sequence' WHEN 'f' THEN 'foreign table' WHEN 'p' THEN"
            + " 'partitioned table' WHEN 'I' THEN 'partitioned index' END AS \"Type\","
            + " pg_catalog.pg_get_userbyid(c.relowner) AS \"Owner\""
            + (indexes ? ", t.relname AS \"Table\"" : "")
            + (more(arguments)
                ? ", pg_catalog.pg_size_pretty(pg_catalog.pg_table_size(c.oid)) AS \"Size\","
                    + " pg_catalog.obj_description(c.oid, 'pg_class') AS \"Description\""
                : "")
            + " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid ="
            + " c.relnamespace"
            + (indexes
                ? " LEFT JOIN pg_catalog.pg_index x ON x.indexrelid = c.oid LEFT JOIN"
                    + " pg_catalog.pg_class t ON t.oid = x.indrelid"
                : "")
            + " WHERE c.relkind IN ("
            + kinds
            + ") AND "
            + pattern(arguments)
                .matches(
                    "n.nspname",
                    "c.relname",
                    "pg_catalog.pg_table_is_visible(c.oid)",
                    system(arguments))
            + " ORDER BY 1, 2";
    Result result = query(interpreter, sql);
    if (result.rows().isEmpty()) {
      String wanted = arguments.from(0);
      throw new ShellException(
          wanted.isEmpty()
              ? "Did not find any relations."
              : "Did not find any relation named \"" + wanted + "\".");
    }
    interpreter.session().print(result, "List of relations", null);
  }

  private static void schemas(MetaArguments arguments, Interpreter interpreter)
      throws ShellException, IOException, PostgresException {
    NamePattern pattern = pattern(arguments);
    boolean all = system(arguments) || pattern.name() != null;
    print(
        interpreter,
        "List of schemas",
        "SELECT n.nspname AS \"Name\", pg_catalog.pg_get_userbyid(n.nspowner) AS \"Owner\" FROM"
            + " pg_catalog.pg_namespace n WHERE "
            + (all ? "" : "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND ")
            + pattern.matches("n.nspname")
            + " ORDER BY 1");
  }

  private static void functions(MetaArguments arguments, Interpreter interpreter)
      throws ShellException, IOException, PostgresException {
    print(
        interpreter,
        "List of functions",
        "SELECT n.nspname AS \"Schema\", p.proname AS \"Name\","
            + " pg_catalog.pg_get_function_result(p.oid) AS \"Result data type\","
            + " pg_catalog.pg_get_function_arguments(p.oid) AS \"Argument data types\", CASE"
            + " p.prokind WHEN 'a' THEN 'agg' WHEN 'w' THEN 'window' WHEN 'p' THEN 'proc' ELSE"
            + " 'func' END AS \"Type\" FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON"
            + " n.oid = p.pronamespace WHERE "
            + pattern(arguments)
                .matches(
                    "n.nspname",
                    "p.proname",
                    "pg_catalog.pg_function_is_visible(p.oid)",
                    system(arguments))
            + " ORDER BY 1, 2, 4");
  }

  private static void roles(MetaArguments arguments, Interpreter interpreter)
      throws ShellException, IOException, PostgresException {
    NamePattern pattern = pattern(arguments);
    boolean all = system(arguments) || pattern.name() != null;
    print(
        interpreter,
        "List of roles",
        "SELECT r.rolname AS \"Role name\", concat_ws(', ', CASE WHEN r.rolsuper THEN 'Superuser'"
            + " END, CASE WHEN NOT r.rolinherit THEN 'No inheritance' END, CASE WHEN"
            + " r.rolcreaterole THEN 'Create role' END, CASE WHEN r.rolcreatedb THEN 'Create DB'"
            + " END, CASE WHEN NOT r.rolcanlogin THEN 'Cannot login' END, CASE WHEN"
            + " r.rolreplication THEN 'Replication' END, CASE WHEN r.rolbypassrls THEN 'Bypass"
            + " RLS' END, CASE WHEN r.rolconnlimit >= 0 THEN r.rolconnlimit || ' connections'"
            + " END, CASE WHEN r.rolvaliduntil IS NOT NULL THEN 'Password valid until ' ||"
            + " r.rolvaliduntil END) AS \"Attributes\" FROM pg_catalog.pg_roles r WHERE "
            + (all ? "" : "r.rolname !~ '^pg_' AND ")
            + pattern.matches("r.rolname")
            + " ORDER BY 1");
  }

  private static void extensions(MetaArguments arguments, Interpreter interpreter)
      throws ShellException, IOException, PostgresException {
    print(
        interpreter,
        "List of installed extensions",
        "SELECT e.extname AS \"Name\", e.extversion AS \"Version\", n.nspname AS \"Schema\","
            + " pg_catalog.obj_description(e.oid, 'pg_extension') AS \"Description\" FROM"
            + " pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid ="
            + " e.extnamespace WHERE "
            + pattern(arguments).matches("e.extname")
            + " ORDER BY 1");
  }

  private static void databases(MetaArguments arguments, Interpreter interpreter)
      throws ShellException, IOException, PostgresException {
    print(
        interpreter,
        "List of databases",
        "SELECT d.datname AS \"Name\", pg_catalog.pg_get_userbyid(d.datdba) AS \"Owner\","
            + " pg_catalog.pg_encoding_to_char(d.encoding) AS \"Encoding\", d.datcollate AS"
            + " \"Collate\", d.datctype AS \"Ctype\","
            + (more(arguments)
                ? " CASE WHEN pg_catalog.has_database_privilege(d.oid, 'CONNECT') THEN"
                    + " pg_catalog.pg_size_pretty(pg_catalog.pg_database_size(d.oid)) END AS"
                    + " \"Size\","
                : "")
            + " pg_catalog.array_to_string(d.datacl, E'\\n') AS \"Access privileges\" FROM"
            + " pg_catalog.pg_database d WHERE "
            + pattern(arguments).matches("d.datname")
            + " ORDER BY 1");
  }

  private static void print(Interpreter interpreter, String title, String sql)
      throws ShellException, IOException, PostgresException {
    interpreter.session().print(query(interpreter, sql), title, null);
  }

  private static Result query(Interpreter interpreter, String sql)
      throws ShellException, IOException, PostgresException {
    return interpreter.session().connection().query(sql).getFirst();
  }
}
