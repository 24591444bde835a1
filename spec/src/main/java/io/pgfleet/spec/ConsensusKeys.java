package io.pgfleet.spec;

import io.pgfleet.spec.setting.Keyed;
import io.pgfleet.spec.setting.Section;
import io.pgfleet.spec.setting.Setting;
import io.pgfleet.spec.setting.Text;
import io.pgfleet.spec.setting.Time;
import io.pgfleet.spec.setting.Values;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** The section {@code consensus}. */
final class ConsensusKeys {
  private static final String SERVER =
      "([A-Za-z0-9][A-Za-z0-9._-]{0,252}|\\[[0-9A-Fa-f:.]+\\]):[0-9]{1,5}";

  static final Setting<String> HOST =
      Setting.withDefault(
          "host",
          Forms.HOST,
          "127.0.0.1",
          "The host of the fleet's agreed state, where `pgfleet up` keeps it. Not with `members` or"
              + " `servers`.");
  static final Setting<Integer> PORT =
      Setting.withDefault(
          "port",
          Forms.PORT,
          "6480",
          "The port of the fleet's agreed state, where `pgfleet up` keeps it. Not with `members` or"
              + " `servers`.");
  static final Setting<Duration> LEASE =
      Setting.withDefault(
          "lease",
          new Time(Duration.ofSeconds(2), Duration.ofSeconds(60)),
          "10s",
          "How long a primary's lease lives without renewal, and so how long a silent host delays"
              + " a failover.");
  static final Setting<Map<String, Values>> MEMBERS =
      Setting.optional(
          "members",
          new Keyed<>(
              "a mapping of members by name",
              new Text(
                  "a member's name",
                  NodeName.FORM,
                  "a member has the name of a node, or of a witness: lower-case letters, digits and"
                      + " _, at most 40, beginning with a letter"),
              MemberKeys.SECTION,
              1,
              Map.of()),
          "none: `pgfleet up` keeps the agreed state",
          "The agents that keep the agreed state together, on hosts of their own: 1, 3 or 5, by the"
              + " name of their node or of a witness. The majority must be up. Their order is part"
              + " of their identity: keep it.");
  static final Setting<String> SERVERS =
      Setting.optional(
          "servers",
          new Text(
              "a list of ZooKeeper servers",
              SERVER + "(," + SERVER + ")*",
              "write host:port, several with commas between: \"zk1:2181,zk2:2181,zk3:2181\""),
          "none",
          "ZooKeeper servers of your own that keep the agreed state. Their tickTime may be a quarter"
              + " of `lease` at most.");
  static final Setting<Values> TLS =
      Setting.section(
          "tls",
          ConsensusTlsKeys.SECTION,
          "TLS to ZooKeeper servers of your own. Only with `servers`.");
  static final Section SECTION =
      new Section(
          "a mapping of the keys host, port, lease, members, servers and tls",
          List.of(HOST, PORT, LEASE, MEMBERS, SERVERS, TLS),
          new Section.AtMostOne(List.of("members", "servers")));

  private ConsensusKeys() {}

  static ConsensusSpec record(Values values, List<PlacedNode> nodes) {
    return new ConsensusSpec(servers(values, nodes), values.get(LEASE));
  }

  private static ConsensusSpec.Servers servers(Values values, List<PlacedNode> nodes) {
    if (values.find(SERVERS).isPresent()) {
      return new ConsensusSpec.External(
          values.find(SERVERS).get(), ConsensusTlsKeys.record(values.get(TLS)));
    }
    List<ConsensusMember> members =
        PlacedMember.all(values, nodes).stream().map(PlacedMember::record).toList();
    return members.isEmpty()
        ? new ConsensusSpec.Alone(new HostPort(values.get(HOST), values.get(PORT)))
        : new ConsensusSpec.Ensemble(members);
  }
}
