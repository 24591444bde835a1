package io.pgfleet.spec;

import io.pgfleet.spec.setting.Nearest;
import io.pgfleet.spec.setting.Place;
import io.pgfleet.spec.setting.Setting;
import io.pgfleet.spec.setting.Values;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What no single setting can check: the rules between them. A value that was refused already takes
 * part in none, so that one mistake is one problem.
 */
final class FleetRules {
  private record Listener(String what, String host, int port, Place place, boolean given) {}

  private final Values fleet;
  private final List<PlacedNode> nodes;

  FleetRules(Values fleet) {
    this.fleet = fleet;
    this.nodes = PlacedNode.all(fleet);
  }

  void check() {
    fleet.get(FleetKeys.GROUPS).values().stream()
        .skip(1)
        .forEach(group ->
            group
                .place()
                .refuseKey(
                    "a second group; several groups arrive with sharding",
                    "keep one group for now"));
    fleet.get(FleetKeys.GROUPS).values().forEach(FleetRules::checkDurability);
    fleet.get(FleetKeys.GROUPS).values().forEach(NodeRules::check);
    checkWatchdogs();
    checkPorts();
    new ConsensusRules(fleet.get(FleetKeys.CONSENSUS), nodes).check();
    checkFolders();
    checkOwners();
    checkSettings();
    new GatewayRules(fleet.get(FleetKeys.GATEWAY)).check();
    new BackupRules(fleet.get(FleetKeys.BACKUP), fleet.get(FleetKeys.POSTGRES)).check();
  }

  private static void checkDurability(Values group) {
    if (!group.sound(GroupKeys.NODES)
        || !group.sound(GroupKeys.DURABILITY)
        || !group.sound(GroupKeys.SYNCHRONOUS)) {
      return;
    }
    int count = group.get(GroupKeys.NODES).size();
    Durability durability = GroupKeys.durability(group);
    if (!durability.waits()) {
      refuseUnlessMeant(group, GroupKeys.SYNCHRONOUS, count < 2, durability);
      refuseUnlessMeant(group, GroupKeys.MAX_LAG_ON_FAILOVER, count < 2, null);
    } else {
      refuseUnlessMeant(group, GroupKeys.MAX_LAG_ON_FAILOVER, false, durability);
      checkNumber(group, durability, count);
    }
  }

  private static void checkNumber(Values group, Durability durability, int count) {
    if (count < 2) {
      group
          .at(GroupKeys.DURABILITY)
          .refuse(
              word(durability) + " needs a standby, and the group has " + count + " node",
              "use async");
    } else if (GroupKeys.synchronous(group) >= count) {
      group
          .at(GroupKeys.SYNCHRONOUS)
          .refuse(
              GroupKeys.synchronous(group)
                  + " standbys asked for, and the group has "
                  + (count - 1)
                  + " beside its primary",
              "use at most " + (count - 1) + ", or give the group more nodes");
    }
  }

  /** Refuses a key of standbys where there is none, or one that the durability has no use for. */
  private static void refuseUnlessMeant(
      Values group, Setting<?> setting, boolean alone, @Nullable Durability without) {
    if (group.given(setting) && (alone || without != null)) {
      group
          .at(setting)
          .refuseKey(
              alone
                  ? "a group of one node has no standby"
                  : "no meaning with durability " + word(Objects.requireNonNull(without)),
              alone ? "give the group more nodes, or leave the key out" : "leave the key out");
    }
  }

  private static String word(Durability durability) {
    return durability.name().toLowerCase(Locale.ROOT);
  }

  /** A watchdog's timeout is a quarter of the lease, and a second at least. */
  private void checkWatchdogs() {
    Values consensus = fleet.get(FleetKeys.CONSENSUS);
    if (!consensus.sound(ConsensusKeys.LEASE)
        || consensus.get(ConsensusKeys.LEASE).compareTo(WatchdogSpec.LEAST_LEASE) >= 0) {
      return;
    }
    for (PlacedNode node : nodes) {
      Values watchdog = node.values().get(NodeKeys.WATCHDOG);
      if (watchdog.get(NodeKeys.WATCHDOG_MODE) != WatchdogSpec.Mode.OFF) {
        watchdog
            .at(NodeKeys.WATCHDOG_MODE)
            .refuse(
                "the lease is too short for a watchdog, whose timeout is a quarter of it and a"
                    + " second at least",
                "set consensus.lease to " + WatchdogSpec.LEAST_LEASE.toSeconds() + "s or more");
      }
    }
  }

  private void checkPorts() {
    Map<String, Listener> taken = new HashMap<>();
    for (PlacedNode node : nodes) {
      Values values = node.values();
      String what = "node " + node.name();
      check(taken, what, values, NodeKeys.HOST, NodeKeys.PORT, node.port());
    }
    nodes.forEach(node -> checkChecks(taken, node));
    nodes.forEach(node -> checkAgent(taken, node));
    Values gateway = fleet.get(FleetKeys.GATEWAY);
    int port = gateway.get(GatewayKeys.PORT);
    check(taken, "the gateway", gateway, GatewayKeys.HOST, GatewayKeys.PORT, port);
    Values metrics = gateway.get(GatewayReportKeys.METRICS);
    int metricsPort = metrics.get(GatewayReportKeys.PORT);
    if (metricsPort != 0) {
      String what = "the gateway's metrics";
      check(taken, what, metrics, GatewayReportKeys.HOST, GatewayReportKeys.PORT, metricsPort);
    }
    Values consensus = fleet.get(FleetKeys.CONSENSUS);
    if (consensus.given(ConsensusKeys.MEMBERS)) {
      PlacedMember.all(consensus, nodes).forEach(member -> checkPorts(taken, member));
    } else if (!consensus.given(ConsensusKeys.SERVERS)) {
      port = consensus.get(ConsensusKeys.PORT);
      check(taken, "consensus", consensus, ConsensusKeys.HOST, ConsensusKeys.PORT, port);
    }
  }

  private static void checkPorts(Map<String, Listener> taken, PlacedMember member) {
    Values values = member.values();
    String what = "consensus member " + member.name();
    for (Setting<Integer> setting :
        List.of(MemberKeys.PORT, MemberKeys.QUORUM_PORT, MemberKeys.ELECTION_PORT)) {
      if (member.host().isEmpty() || !values.sound(MemberKeys.HOST) || !values.sound(setting)) {
        continue;
      }
      // Without a port of its own it is still the member that stands in the file.
      Place place = values.given(setting) ? values.at(setting) : values.place();
      check(taken, new Listener(what, member.host().get(), values.get(setting), place, true));
    }
  }

  private static void checkChecks(Map<String, Listener> taken, PlacedNode node) {
    Values checks = node.values().get(NodeKeys.CHECKS);
    boolean sound =
        node.values().sound(NodeKeys.HOST)
            && checks.sound(NodeKeys.CHECKS_HOST)
            && checks.sound(NodeKeys.CHECKS_PORT);
    int port = checks.get(NodeKeys.CHECKS_PORT);
    if (sound && port != 0) {
      Place place = checks.at(NodeKeys.CHECKS_PORT);
      String what = "the checks of node " + node.name();
      check(taken, new Listener(what, NodeKeys.checksHost(node.values()), port, place, true));
    }
  }

  /** The port that an agent has by itself is of account on several hosts alone. */
  private void checkAgent(Map<String, Listener> taken, PlacedNode node) {
    Values agent = node.values().get(NodeKeys.AGENT);
    boolean sound =
        node.values().sound(NodeKeys.HOST)
            && node.values().sound(NodeKeys.PORT)
            && agent.sound(NodeKeys.AGENT_HOST)
            && agent.sound(NodeKeys.AGENT_PORT);
    boolean given = agent.given(NodeKeys.AGENT_PORT);
    Values consensus = fleet.get(FleetKeys.CONSENSUS);
    boolean listens =
        consensus.given(ConsensusKeys.MEMBERS) || consensus.given(ConsensusKeys.SERVERS);
    if (sound && (given || listens)) {
      HostPort at = NodeKeys.agent(node.values(), node.port());
      Place place = given ? agent.at(NodeKeys.AGENT_PORT) : node.values().at(NodeKeys.PORT);
      check(
          taken,
          new Listener("the agent of node " + node.name(), at.host(), at.port(), place, given));
    }
  }

  private static void check(
      Map<String, Listener> taken,
      String what,
      Values values,
      Setting<String> host,
      Setting<Integer> portSetting,
      int port) {
    if (!values.sound(host) || !values.sound(portSetting)) {
      return;
    }
    boolean given = values.given(portSetting) || values.given(host);
    Place place = values.at(values.given(portSetting) || !given ? portSetting : host);
    check(taken, new Listener(what, values.get(host), port, place, given));
  }

  private static void check(Map<String, Listener> taken, Listener listener) {
    int port = listener.port();
    Listener other = taken.putIfAbsent(machine(listener.host()) + ":" + port, listener);
    if (other != null) {
      // Of the two, the one that the file names can be pointed at.
      Listener wrong = listener.given() ? listener : other;
      Listener right = listener.given() ? other : listener;
      wrong
          .place()
          .refuse(
              "port " + wrong.port() + " on " + wrong.host() + " is taken by " + right.what(),
              "give each node, the gateway and consensus a port of its own");
    }
  }

  /** The host, names and wildcards of this machine as one. */
  private static String machine(String host) {
    String name = host.toLowerCase(Locale.ROOT);
    return Set.of("localhost", "0.0.0.0", "::", "::1").contains(name) ? "127.0.0.1" : name;
  }

  private void checkFolders() {
    Map<String, PlacedNode> taken = new HashMap<>();
    for (PlacedNode node : nodes) {
      if (node.values().find(NodeKeys.DATA).isEmpty() || !node.values().sound(NodeKeys.HOST)) {
        continue;
      }
      Path data = node.values().find(NodeKeys.DATA).orElseThrow();
      String key = machine(node.values().get(NodeKeys.HOST)) + ":" + data;
      PlacedNode other = taken.putIfAbsent(key, node);
      if (other != null) {
        node.values()
            .at(NodeKeys.DATA)
            .refuse("the folder is that of node " + other.name(), "give each node its own folder");
      }
    }
  }

  private void checkOwners() {
    if (!fleet.sound(FleetKeys.USERS) || fleet.find(FleetKeys.DATABASES).isEmpty()) {
      return;
    }
    Set<String> users = fleet.find(FleetKeys.USERS).orElse(Map.of()).keySet();
    for (Values database : fleet.find(FleetKeys.DATABASES).orElseThrow().values()) {
      String owner = database.find(DatabaseKeys.OWNER).orElse("");
      if (!owner.isEmpty() && !users.contains(owner)) {
        database
            .at(DatabaseKeys.OWNER)
            .refuse(
                "no user " + owner + " in users",
                Nearest.of(owner, users)
                    .map(near -> "did you mean " + near + "?")
                    .orElse("add " + owner + ": {} to users"));
      }
    }
  }

  /** PostgreSQL's setting names know no case, so two that differ in case are one. */
  private void checkSettings() {
    Values postgres = fleet.get(FleetKeys.POSTGRES);
    Map<String, String> seen = new HashMap<>();
    for (String name : postgres.get(PostgresKeys.SETTINGS).keySet()) {
      String other = seen.putIfAbsent(name.toLowerCase(Locale.ROOT), name);
      if (other != null) {
        postgres
            .at(PostgresKeys.SETTINGS)
            .refuse(other + " and " + name + " are one setting", "keep one of the two");
      }
    }
  }
}
