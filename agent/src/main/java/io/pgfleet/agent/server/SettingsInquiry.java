package io.pgfleet.agent.server;

import io.pgfleet.agent.NodeServerException;
import io.pgfleet.wire.client.Row;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Asks a running server about its settings, each time over a new connection: a new one sees what
 * the postmaster has read last, an old one what it itself has read.
 */
public final class SettingsInquiry {
  /**
   * One row of {@code pg_settings}.
   *
   * @param value as {@code SHOW} tells it
   * @param context when it can change (PostgreSQL manual, 'pg_settings')
   * @param bySystem whether ALTER SYSTEM has set it, which wins over pgfleet's file
   */
  public record Known(String name, String value, String context, boolean bySystem) {
    /** Whether only a restart changes it. */
    public boolean needsRestart() {
      return context.equals("postmaster");
    }

    /** Whether nothing changes it. */
    public boolean isFixed() {
      return context.equals("internal");
    }
  }

  private final ServerAccess access;

  public SettingsInquiry(ServerAccess access) {
    this.access = access;
  }

  /** What the server knows of these settings; one that it does not know is left out. */
  public Map<String, Known> known(Collection<String> names) throws NodeServerException {
    try (LocalSession session = new LocalSession(access.session())) {
      Map<String, Known> known = new HashMap<>();
      for (Row row :
          session
              .run(
                  "select lower(name) as name, current_setting(name) as value, context,"
                      + " coalesce(sourcefile like '%postgresql.auto.conf', false) as by_system"
                      + " from pg_settings where lower(name) = any (string_to_array($1, ','))",
                  String.join(",", names))
              .rows()) {
        Known one =
            new Known(
                row.required("name"),
                row.required("value"),
                row.required("context"),
                row.required("by_system").equals("t"));
        known.put(one.name(), one);
      }
      return known;
    }
  }

  /** The values in pgfleet's configuration file as it is now, by name. */
  public Map<String, String> inFile() throws NodeServerException {
    try (LocalSession session = new LocalSession(access.session())) {
      return session
          .run(
              "select lower(name) as name, setting from pg_file_settings"
                  + " where sourcefile like '%/pgfleet.conf' and setting is not null")
          .getLast()
          .rows()
          .stream()
          .collect(
              Collectors.toMap(
                  row -> row.required("name"), row -> row.required("setting"), (_, last) -> last));
    }
  }

  /** Settings whose values wait for a restart. */
  public Set<String> waiting() throws NodeServerException {
    try (LocalSession session = new LocalSession(access.session())) {
      Set<String> waiting = new HashSet<>();
      for (Row row :
          session
              .run("select lower(name) as name from pg_settings where pending_restart")
              .getLast()
              .rows()) {
        waiting.add(row.required("name"));
      }
      return waiting;
    }
  }

  /** The value that the running server has. */
  public Optional<String> value(String name) throws NodeServerException {
    return Optional.ofNullable(known(Set.of(name)).get(name)).map(Known::value);
  }
}
