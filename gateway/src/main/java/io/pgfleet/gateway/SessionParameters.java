package io.pgfleet.gateway;

import io.pgfleet.gateway.message.Messages;
import io.pgfleet.gateway.statement.TrackedNames;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The parameters a server reports, with their values for one session. Immutable. */
final class SessionParameters {
  /** Not shown to clients: one moment's server is not what they are connected to. */
  static final String IN_HOT_STANDBY = "in_hot_standby";

  static final SessionParameters NONE = new SessionParameters(Map.of());

  private final Map<String, String> values;
  private final TrackedNames tracked;
  private final int hash;

  private SessionParameters(Map<String, String> values) {
    this.values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    this.tracked = TrackedNames.of(values.keySet());
    this.hash = this.values.hashCode();
  }

  Map<String, String> values() {
    return values;
  }

  TrackedNames tracked() {
    return tracked;
  }

  String get(String name) {
    return values.getOrDefault(name, "");
  }

  SessionParameters with(String name, String value) {
    Map<String, String> changed = new LinkedHashMap<>(values);
    changed.put(name, value);
    return new SessionParameters(changed);
  }

  /**
   * Settable parameters that another session has otherwise than this one, with this one's value.
   */
  Map<String, String> differences(SessionParameters other) {
    Map<String, String> differing = new LinkedHashMap<>();
    values.forEach((name, value) -> {
      if (TrackedNames.settable(name) && !value.equals(other.values.get(name))) {
        differing.put(name, value);
      }
    });
    return differing;
  }

  /** What a session with these parameters must set on a server. */
  Map<String, String> missingOn(ServerLink server) {
    return isSame(server.session.parameters())
        ? Map.of()
        : differences(server.session.parameters());
  }

  /**
   * A server is lent to a session with these parameters: it is told what is otherwise there.
   *
   * @return the session's parameters from now on
   */
  SessionParameters lentWith(ServerLink server, Consumer<byte[]> session) {
    SessionParameters theirs = server.session.parameters();
    if (equals(theirs)) {
      // one object again, so that the next comparison is quick
      server.session.share(this);
      return this;
    }
    changes(theirs).forEach((name, value) -> session.accept(Messages.parameterStatus(name, value)));
    return theirs;
  }

  /** Reported parameters that {@code now} has otherwise than this. */
  Map<String, String> changes(SessionParameters now) {
    Map<String, String> changed = new LinkedHashMap<>(now.values);
    changed.entrySet().removeIf(entry -> entry.getValue().equals(values.get(entry.getKey())));
    return changed;
  }

  /** Start-up parameters that are tracked, by their lower-case names. */
  static Map<String, String> trackedAtStartup(Map<String, String> startup) {
    Map<String, String> found = new TreeMap<>();
    startup.forEach((name, value) -> {
      if (isTracked(name)) {
        found.put(name.toLowerCase(Locale.ROOT), value);
      }
    });
    return found;
  }

  static boolean isTracked(String name) {
    return TrackedNames.ALWAYS.stream().anyMatch(name::equalsIgnoreCase);
  }

  /**
   * One statement that sets parameters to values in the form that the server reports them, lists
   * such as search_path included. Valid whatever standard_conforming_strings says.
   */
  static String setting(Map<String, String> parameters) {
    StringBuilder sql = new StringBuilder("SELECT ");
    parameters.forEach((name, value) ->
        sql.append(sql.length() > 7 ? ", " : "")
            .append("pg_catalog.set_config(")
            .append(literal(name))
            .append(", ")
            .append(literal(value))
            .append(", false)"));
    return sql.toString();
  }

  private static String literal(String text) {
    return "E'" + text.replace("\\", "\\\\").replace("'", "''") + "'";
  }

  /** Whether it is the very same object: the quick answer for a client on its usual server. */
  @SuppressWarnings("ReferenceEquality")
  boolean isSame(SessionParameters other) {
    return this == other;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return this == other
        || (other instanceof SessionParameters that
            && hash == that.hash
            && values.equals(that.values));
  }

  @Override
  public int hashCode() {
    return hash;
  }
}
