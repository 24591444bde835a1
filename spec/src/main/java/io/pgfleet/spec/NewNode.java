package io.pgfleet.spec;

import io.pgfleet.spec.setting.Time;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A node that is to be written into a {@code fleet.yaml}; what is absent is left to the defaults.
 *
 * @param host where its server listens
 * @param port likewise, from 1 to 65535
 * @param region any word
 * @param delay how long after the primary it applies changes, as {@code fleet.yaml} has it: 1h
 * @param upstream the node it receives WAL from while that is a standby
 */
public record NewNode(
    NodeName name,
    Optional<String> host,
    Optional<Integer> port,
    Optional<String> region,
    boolean neverPromote,
    boolean neverRead,
    Optional<String> delay,
    Optional<NodeName> upstream) {
  /** Its keys, as a mapping on one line; empty if there are none. */
  String yaml() {
    List<String> keys = new ArrayList<>();
    host.ifPresent(value -> keys.add("host: " + quoted(value)));
    port.ifPresent(value -> keys.add("port: " + value));
    region.ifPresent(value -> keys.add("region: " + quoted(value)));
    if (neverPromote) {
      keys.add("never_promote: true");
    }
    if (neverRead) {
      keys.add("never_read: true");
    }
    delay.ifPresent(
        value -> keys.add("delay: " + (value.matches(Time.FORM) ? value : quoted(value))));
    upstream.ifPresent(value -> keys.add("upstream: " + quoted(value.value())));
    return keys.isEmpty() ? "" : "{ " + String.join(", ", keys) + " }";
  }

  /** Words that YAML reads as something else than text, or might. */
  private static String quoted(String value) {
    boolean plain =
        value.matches("[A-Za-z][A-Za-z0-9._-]*|[0-9]+([.][0-9]+){3}")
            && !value.matches("(?i)true|false|null|yes|no|on|off");
    return plain ? value : '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
