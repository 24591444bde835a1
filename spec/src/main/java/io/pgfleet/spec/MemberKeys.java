package io.pgfleet.spec;

import io.pgfleet.spec.setting.Flag;
import io.pgfleet.spec.setting.Section;
import io.pgfleet.spec.setting.Setting;

/** The keys of one member of {@code consensus.members}. */
final class MemberKeys {
  static final Setting<String> HOST =
      Setting.optional(
          "host",
          Forms.HOST,
          "the host of the node of this name",
          "The host of the member: a single address of it, or a name that every host of the fleet"
              + " finds.");
  static final Setting<Integer> PORT =
      Setting.withDefault(
          "port", Forms.PORT, "6480", "The port where agents and gateways reach the member.");
  static final Setting<Integer> QUORUM_PORT =
      Setting.withDefault(
          "quorum_port",
          Forms.PORT,
          "6481",
          "The port where the other members follow this one while it leads.");
  static final Setting<Integer> ELECTION_PORT =
      Setting.withDefault(
          "election_port",
          Forms.PORT,
          "6482",
          "The port where members elect the one that leads them.");
  static final Setting<Boolean> WITNESS =
      Setting.withDefault(
          "witness",
          new Flag(),
          "false",
          "Whether it stands for itself: an agent without a PostgreSQL server, which only votes.");
  static final Section SECTION =
      Section.of(
          "a mapping of the keys host, port, quorum_port, election_port and witness",
          HOST,
          PORT,
          QUORUM_PORT,
          ELECTION_PORT,
          WITNESS);

  private MemberKeys() {}
}
