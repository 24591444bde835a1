package io.pgfleet.consensus.group;

import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * PostgreSQL settings that an operator would like to have accepted, for PostgreSQL itself to look
 * at where a server and its programs are. Nobody uses them yet.
 *
 * @param id of the one who asks, so that nobody takes another's answer for its own
 * @param values as in {@link ServerSettings}
 * @param verdict of the primary's host; empty until its agent has had them looked at
 */
public record SettingsTrial(String id, Map<String, String> values, Optional<Verdict> verdict) {
  /**
   * What PostgreSQL says of them.
   *
   * @param accepted whether it would start with them, as far as names and values go
   * @param why its words if not, else empty
   * @param remedy what can be done about it; may be empty
   */
  public record Verdict(boolean accepted, String why, String remedy) {}

  public SettingsTrial {
    values = Collections.unmodifiableMap(new TreeMap<>(values));
  }

  /** The same, judged. */
  SettingsTrial with(Verdict word) {
    return new SettingsTrial(id, values, Optional.of(word));
  }
}
