package io.pgfleet.consensus.group;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * The PostgreSQL settings of a group's servers that were accepted last; they win over those in the
 * fleet.yaml of a host.
 *
 * @param values as they stand in {@code postgresql.conf}, unquoted, by name
 */
public record ServerSettings(Map<String, String> values) {
  public ServerSettings {
    values = Collections.unmodifiableMap(new TreeMap<>(values));
  }
}
