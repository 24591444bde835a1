package io.pgfleet.spec;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Which PostgreSQL the fleet runs, and its settings: names and values as they stand in {@code
 * postgresql.conf}, unquoted, in the file's order. None of them is a setting that pgfleet decides
 * itself.
 */
public record PostgresSpec(Source source, Map<String, String> settings) {
  /** Copies the settings. */
  public PostgresSpec {
    settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
  }

  /** Where the servers' binaries come from. */
  public sealed interface Source {}

  /** The binaries of this major version that pgfleet brings along. */
  public record Embedded(int version) implements Source {}

  /** An installed PostgreSQL, 15 or newer; the absolute path of the folder that holds its bin. */
  public record Installed(Path path) implements Source {}
}
