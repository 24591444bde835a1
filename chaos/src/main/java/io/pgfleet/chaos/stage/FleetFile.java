package io.pgfleet.chaos.stage;

import io.pgfleet.testkit.fleet.FleetNode;
import io.pgfleet.testkit.host.VirtualHost;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The fleet.yaml of the fleet that is broken. */
final class FleetFile {
  /** Writes through the gateway. */
  static final String WRITER = "writer";

  /** Reads through the gateway. */
  static final String READER = "reader";

  /** Goes to each server straight. */
  static final String PROBE = "probe";

  /** Looks at servers. */
  static final String ADMIN = "chief";

  static final String DATABASE = "ledger";
  static final int GATEWAY_PORT = 6432;

  /** What a standby that answers reads may be behind. */
  static final Duration MAX_LAG = Duration.ofSeconds(1);

  private FleetFile() {}

  static String text(Map<String, VirtualHost> nodes, String gateway, Stage.Settings settings) {
    StringBuilder text = new StringBuilder("fleet: ").append(Stage.FLEET).append('\n');
    text.append("postgres:\n");
    settings.postgres().ifPresent(path -> text.append("  path: ").append(path).append('\n'));
    text.append("  settings:\n");
    serverSettings()
        .forEach((name, value) ->
            text.append("    ").append(name).append(": \"").append(value).append("\"\n"));
    text.append("groups:\n  main:\n    durability: ");
    text.append(settings.strict() ? "strict" : "quorum").append("\n    nodes:\n");
    nodes.forEach((name, host) ->
        text.append("      ")
            .append(name)
            .append(": { host: ")
            .append(host.address())
            .append(", port: ")
            .append(FleetNode.PORT)
            .append(" }\n"));
    text.append("gateway: { host: ").append(gateway);
    text.append(", port: ").append(GATEWAY_PORT).append(", metrics: { port: off }");
    text.append(", reads: { max_lag: ").append(MAX_LAG.toSeconds()).append("s } }\n");
    text.append("consensus:\n  lease: ")
        .append(settings.lease().toSeconds())
        .append("s\n  members:\n");
    nodes
        .keySet()
        .forEach(name ->
            text.append("    ")
                .append(name)
                .append(": { quorum_port: ")
                .append(FleetNode.QUORUM_PORT)
                .append(" }\n"));
    text.append("users:\n");
    for (String user : List.of(WRITER, READER, PROBE)) {
      text.append("  ").append(user).append(": { password: { env: ").append(variable(user));
      text.append(" } }\n");
    }
    text.append("  ").append(ADMIN).append(": { superuser: true, password: { env: ");
    text.append(variable(ADMIN)).append(" } }\n");
    text.append("databases: { ").append(DATABASE).append(": { owner: ").append(WRITER);
    text.append(" } }\n");
    return text.toString();
  }

  private static Map<String, String> serverSettings() {
    Map<String, String> settings = new TreeMap<>();
    settings.put("log_timezone", "UTC");
    settings.put("log_parameter_max_length", "0");
    settings.put("shared_buffers", "32MB");
    settings.put("max_wal_size", "128MB");
    settings.put("max_connections", "60");
    return settings;
  }

  /** The environment variable with a user's password. */
  static String variable(String user) {
    return "CHAOS_" + user.toUpperCase(java.util.Locale.ROOT);
  }
}
