package io.pgfleet.spec;

import io.pgfleet.spec.setting.Choice;
import io.pgfleet.spec.setting.FilePath;
import io.pgfleet.spec.setting.Flag;
import io.pgfleet.spec.setting.OrWord;
import io.pgfleet.spec.setting.Section;
import io.pgfleet.spec.setting.Setting;
import io.pgfleet.spec.setting.Text;
import io.pgfleet.spec.setting.Time;
import io.pgfleet.spec.setting.Values;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The keys of one node. */
final class NodeKeys {
  /** The port of the fleet's first node; the second has the next one, and so on. */
  static final int FIRST_PORT = 5441;

  static final Setting<String> HOST =
      Setting.withDefault(
          "host", Forms.HOST, "127.0.0.1", "The host where the node's server listens.");
  static final Setting<Integer> PORT =
      Setting.optional(
          "port",
          Forms.PORT,
          FIRST_PORT + " for the fleet's first node, " + (FIRST_PORT + 1) + " for its second, ...",
          "The port where the node's server listens.");
  static final Setting<String> REGION =
      Setting.withDefault(
          "region",
          new Text(
              "a region",
              "[A-Za-z0-9][A-Za-z0-9._-]{0,62}",
              "a region has letters, digits, ., _ and -, at most 63"),
          "local",
          "Where the node stands, in your own words; nodes of one region are near each other.");
  static final Setting<Path> DATA =
      Setting.optional(
          "data",
          new FilePath("a folder", false),
          "chosen by pgfleet within the fleet's data folder",
          "The folder of the node's data. A relative path starts from the folder of this file.");
  static final Setting<String> CHECKS_HOST =
      Setting.optional(
          "host", Forms.HOST, "the node's host", "The address where the checks are answered.");
  static final Setting<Integer> CHECKS_PORT =
      Setting.withDefault(
          "port",
          new OrWord<>(Forms.PORT, "off", 0),
          "off",
          "The port where the node's agent answers HTTP checks of load balancers, with the paths"
              + " and status codes of Patroni; Patroni's own port is 8008.");
  static final Setting<Values> CHECKS =
      Setting.section(
          "checks",
          Section.of("a mapping of the keys host and port", CHECKS_HOST, CHECKS_PORT),
          "Where load balancers ask over HTTP what the node is.");

  static final Setting<String> AGENT_HOST =
      Setting.optional(
          "host", Forms.HOST, "the node's host", "The address where the agent listens.");
  static final Setting<Integer> AGENT_PORT =
      Setting.optional(
          "port",
          Forms.PORT,
          "the node's port + " + NodeSpec.AGENT_PORT_OFFSET,
          "The port where the agent listens.");
  static final Setting<Values> AGENT =
      Setting.section(
          "agent",
          Section.of("a mapping of the keys host and port", AGENT_HOST, AGENT_PORT),
          "Where the node's agent listens to the other agents of its group, who ask each other when"
              + " the consensus servers don't answer. Of account for fleets on several hosts"
              + " alone.");
  static final Setting<Boolean> NEVER_PROMOTE =
      Setting.withDefault(
          "never_promote",
          new Flag(),
          "false",
          "Whether the node never becomes the primary. No commit waits for it then. Not for the"
              + " first node of a group, which makes the group's data.");
  static final Setting<Boolean> NEVER_READ =
      Setting.withDefault(
          "never_read",
          new Flag(),
          "false",
          "Whether gateways and load balancers send no reads to the node while it is a standby.");
  static final Setting<Duration> DELAY =
      Setting.optional(
          "delay",
          new Time(Duration.ofSeconds(1), Duration.ofDays(24)),
          "none",
          "How long after the primary has committed it the node applies a change, so that a mistake"
              + " can be taken back from it. It is never promoted and never read from then.");
  static final Setting<String> UPSTREAM =
      Setting.optional(
          "upstream",
          Forms.NODE,
          "the primary",
          "The node of the group from which this one receives WAL while that is a standby, as do the"
              + " further nodes of a region from the first there; while that node is away, or is"
              + " the primary, from the primary. A node with an upstream is never promoted.");
  static final Setting<WatchdogSpec.Mode> WATCHDOG_MODE =
      Setting.withDefault(
          "mode",
          new Choice<>(watchdogModes()),
          "off",
          "Whether the watchdog is used. With `automatic` where it can be; with `required` the node"
              + " never becomes the primary without it.");
  static final Setting<Path> WATCHDOG_DEVICE =
      Setting.withDefault(
          "device",
          new FilePath("a watchdog device", false),
          WatchdogSpec.USUAL_DEVICE.toString(),
          "The watchdog's device, writable for the user that the server runs as.");
  static final Setting<Values> WATCHDOG =
      Setting.section(
          "watchdog",
          Section.of("a mapping of the keys mode and device", WATCHDOG_MODE, WATCHDOG_DEVICE),
          "The kernel's watchdog, which restarts the host of a primary that nobody there can stop"
              + " before its lease ends. Of account for fleets on several hosts alone.");
  static final Section SECTION =
      Section.of(
          "a mapping of keys such as host, port and region",
          HOST,
          PORT,
          REGION,
          DATA,
          CHECKS,
          AGENT,
          NEVER_PROMOTE,
          NEVER_READ,
          DELAY,
          UPSTREAM,
          WATCHDOG);

  private NodeKeys() {}

  /** Whether a node never becomes the primary, by its own key or by its delay or upstream. */
  static boolean neverPromoted(Values node) {
    return node.get(NEVER_PROMOTE)
        || node.find(DELAY).isPresent()
        || node.find(UPSTREAM).isPresent();
  }

  /** Whether a node is sent no reads, likewise. */
  static boolean neverRead(Values node) {
    return node.get(NEVER_READ) || node.find(DELAY).isPresent();
  }

  static WatchdogSpec watchdog(Values node) {
    Values watchdog = node.get(WATCHDOG);
    return new WatchdogSpec(watchdog.get(WATCHDOG_MODE), watchdog.get(WATCHDOG_DEVICE));
  }

  private static Map<String, WatchdogSpec.Mode> watchdogModes() {
    Map<String, WatchdogSpec.Mode> words = new LinkedHashMap<>();
    words.put("off", WatchdogSpec.Mode.OFF);
    words.put("automatic", WatchdogSpec.Mode.AUTOMATIC);
    words.put("required", WatchdogSpec.Mode.REQUIRED);
    return words;
  }

  static String checksHost(Values node) {
    return node.get(CHECKS).find(CHECKS_HOST).orElseGet(() -> node.get(HOST));
  }

  static Optional<HostPort> checks(Values node) {
    int port = node.get(CHECKS).get(CHECKS_PORT);
    return port == 0 ? Optional.empty() : Optional.of(new HostPort(checksHost(node), port));
  }

  /**
   * Where a node's agent listens.
   *
   * @param port of the node's server
   */
  static HostPort agent(Values node, int port) {
    Values agent = node.get(AGENT);
    HostPort usual = NodeSpec.usualAgent(new HostPort(node.get(HOST), port));
    return new HostPort(
        agent.find(AGENT_HOST).orElse(usual.host()), agent.find(AGENT_PORT).orElse(usual.port()));
  }
}
