package io.pgfleet.migrate.pgbouncer;

import io.pgfleet.migrate.Draft;
import io.pgfleet.migrate.Finding.Verdict;
import io.pgfleet.migrate.MigrationException;
import io.pgfleet.migrate.pgbouncer.IniFile.Entry;
import io.pgfleet.spec.setting.Nearest;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The sections [databases] and [users]. */
final class Databases {
  private final Draft draft;
  private final Mapper mapper;
  private final Map<String, Entry> servers = new LinkedHashMap<>();

  Databases(Draft draft, Mapper mapper) {
    this.draft = draft;
    this.mapper = mapper;
  }

  void database(Entry entry) {
    Map<String, String> parameters = parse(entry, "[databases] " + entry.key());
    if (parameters.isEmpty() && !entry.value().isBlank()) {
      return;
    }
    String name = entry.key();
    if (name.equals("*")) {
      mapper.note(
          entry, Verdict.NOT_NEEDED, "[databases] *", "the gateway passes every database name on");
    }
    server(entry, parameters);
    parameters.forEach((key, value) -> parameter(entry, name, key, value));
  }

  private Map<String, String> parse(Entry entry, String subject) {
    try {
      return ConnectionText.parse(entry.value());
    } catch (MigrationException e) {
      mapper.note(entry, Verdict.WRONG, subject, e.getMessage() + "; left out");
      return Map.of();
    }
  }

  private void server(Entry entry, Map<String, String> parameters) {
    String host = parameters.getOrDefault("host", "");
    String port = parameters.getOrDefault("port", "5432");
    if (host.contains(",")) {
      mapper.note(
          entry,
          Verdict.LEFT,
          "[databases] " + entry.key() + " host",
          "several hosts, "
              + host
              + ": name them as nodes of a group; the gateway finds out itself which one leads");
    }
    servers.putIfAbsent(host + ":" + port, entry);
  }

  private void parameter(Entry entry, String name, String key, String value) {
    String subject = "[databases] " + name + " " + key;
    Rule rule = Rules.DATABASE.get(key);
    boolean all = name.equals("*");
    if (rule != null) {
      if (all) {
        mapper.note(
            entry,
            Verdict.LEFT,
            subject,
            value + " for databases without a line of their own; set it in gateway for all");
      } else {
        mapper.apply(entry, subject, value, rule, "gateway", "databases", name);
      }
      return;
    }
    switch (key) {
      case "host", "port" -> {
        // told once for all databases, at the end
      }
      case "dbname" -> {
        if (!value.equals(name) && !all) {
          mapper.note(
              entry,
              Verdict.LEFT,
              subject,
              "clients that connect to "
                  + name
                  + " get the database "
                  + value
                  + "; the gateway knows no other names: let them connect to "
                  + value);
        }
      }
      case "pool_mode" -> {
        if (all) {
          mapper.note(entry, Verdict.LEFT, subject, "set gateway.pool_mode for all databases");
        } else {
          mapper.poolMode(entry, subject, value, "gateway", "databases", name, "pool_mode");
        }
      }
      default -> lesser(entry, name, key, value);
    }
  }

  /** Parameters that have no place in the gateway. */
  private void lesser(Entry entry, String name, String key, String value) {
    String subject = "[databases] " + name + " " + key;
    switch (key) {
      case "user" ->
          mapper.note(
              entry,
              Verdict.LEFT,
              subject,
              "all clients become the user " + value + " there; with the gateway each is itself");
      case "password" ->
          mapper.note(
              entry,
              Verdict.WRONG,
              subject,
              "a password in the file (not shown here); the gateway needs none, take it out");
      case "auth_user", "auth_query", "auth_dbname" ->
          mapper.note(
              entry,
              Verdict.NOT_NEEDED,
              subject,
              "pgfleet makes its own function to look verifiers up");
      case "load_balance_hosts" ->
          mapper.note(
              entry, Verdict.NOT_NEEDED, subject, "reads go to the standby with the least to do");
      case "client_encoding", "datestyle", "timezone" ->
          mapper.note(
              entry,
              Verdict.LEFT,
              subject,
              "set it in PostgreSQL: ALTER DATABASE \""
                  + name
                  + "\" SET "
                  + key
                  + " = '"
                  + value
                  + "'");
      case "connect_query" ->
          mapper.note(
              entry,
              Verdict.LEFT,
              subject,
              "nothing of your own is run on new server connections; use ALTER DATABASE or ALTER ROLE");
      case "max_db_client_connections" ->
          mapper.note(
              entry, Verdict.LEFT, subject, "the gateway bounds clients over all databases");
      default -> unknown(entry, subject, key, Rules.DATABASE.keySet());
    }
  }

  private void unknown(Entry entry, String subject, String key, Set<String> known) {
    String near = Nearest.of(key, known).map(name -> "; did you mean " + name + "?").orElse("");
    mapper.note(entry, Verdict.WRONG, subject, "no such parameter" + near);
  }

  void user(Entry entry) {
    parse(entry, "[users] " + entry.key())
        .forEach((key, value) -> {
          String subject = "[users] " + entry.key() + " " + key;
          Rule rule = Rules.USER.get(key);
          if (rule != null) {
            mapper.apply(entry, subject, value, rule, "gateway", "users", entry.key());
          } else if (key.equals("pool_mode")) {
            mapper.poolMode(entry, subject, value, "gateway", "users", entry.key(), "pool_mode");
          } else if (key.equals("max_user_client_connections")) {
            mapper.note(entry, Verdict.LEFT, subject, "the gateway bounds clients over all users");
          } else {
            unknown(entry, subject, key, Rules.USER.keySet());
          }
        });
  }

  /** Says of the servers what holds for all databases. */
  void finish() {
    if (servers.isEmpty()) {
      return;
    }
    Set<String> all = new TreeSet<>(servers.keySet());
    Entry first = servers.values().iterator().next();
    draft.note(
        first.file(),
        first.line(),
        Verdict.LEFT,
        "[databases] host and port",
        (all.size() > 1
                ? "the lines lead to several servers ("
                    + String.join(", ", all)
                    + "): those of one"
                    + " cluster become nodes of a group, others a fleet of their own"
                : "the server " + all.iterator().next() + " becomes a node of the fleet")
            + "; reads are sent to standbys by the gateway itself");
  }
}
