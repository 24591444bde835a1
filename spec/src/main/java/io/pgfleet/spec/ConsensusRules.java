package io.pgfleet.spec;

import io.pgfleet.spec.setting.Nearest;
import io.pgfleet.spec.setting.Place;
import io.pgfleet.spec.setting.Setting;
import io.pgfleet.spec.setting.Values;
import java.util.List;

/** The rules between the settings of {@code consensus}. */
final class ConsensusRules {
  static final int MOST_MEMBERS = 5;

  private final Values consensus;
  private final List<PlacedNode> nodes;

  ConsensusRules(Values consensus, List<PlacedNode> nodes) {
    this.consensus = consensus;
    this.nodes = nodes;
  }

  void check() {
    boolean elsewhere =
        consensus.given(ConsensusKeys.MEMBERS) || consensus.given(ConsensusKeys.SERVERS);
    if (elsewhere) {
      refuseIfGiven(ConsensusKeys.HOST);
      refuseIfGiven(ConsensusKeys.PORT);
    }
    checkTls(consensus.get(ConsensusKeys.TLS));
    if (!consensus.given(ConsensusKeys.MEMBERS) || !consensus.sound(ConsensusKeys.MEMBERS)) {
      return;
    }
    List<PlacedMember> members = PlacedMember.all(consensus, nodes);
    if (members.size() > MOST_MEMBERS || members.size() % 2 == 0) {
      refuseNumber(members.size());
    }
    members.forEach(this::checkNode);
  }

  private void checkTls(Values tls) {
    if (consensus.given(ConsensusKeys.TLS) && !consensus.given(ConsensusKeys.SERVERS)) {
      consensus
          .at(ConsensusKeys.TLS)
          .refuseKey(
              "no meaning without servers",
              "members use the fleet's own certificates by themselves; leave the key out");
      return;
    }
    needs(tls, ConsensusTlsKeys.CERTIFICATE, ConsensusTlsKeys.KEY, "a certificate needs its key");
    needs(tls, ConsensusTlsKeys.KEY, ConsensusTlsKeys.CERTIFICATE, "a key needs its certificate");
    if (tls.sound(ConsensusTlsKeys.MODE)
        && !tls.get(ConsensusTlsKeys.MODE)
        && tls.given(ConsensusTlsKeys.AUTHORITY)) {
      tls.at(ConsensusTlsKeys.AUTHORITY)
          .refuseKey("no meaning while TLS is disabled", "add mode: verify-full to this section");
    }
  }

  private static void needs(Values tls, Setting<?> given, Setting<?> other, String why) {
    if (tls.given(given) && !tls.given(other)) {
      tls.place().refuseKey(why, "add " + other.key() + ": FILE to this section");
    }
  }

  private void refuseIfGiven(Setting<?> setting) {
    if (consensus.given(setting)) {
      String other = consensus.given(ConsensusKeys.MEMBERS) ? "members" : "servers";
      consensus
          .at(setting)
          .refuseKey(
              "no meaning with " + other,
              other.equals("members")
                  ? "give each member its own, and leave this key out"
                  : "leave the key out");
    }
  }

  private void refuseNumber(int count) {
    // An empty mapping has been refused already.
    if (count > 0) {
      consensus
          .at(ConsensusKeys.MEMBERS)
          .refuseKey(
              count + " members",
              count > MOST_MEMBERS
                  ? "name 1, 3 or 5: more only make every agreement slower"
                  : "name 1, 3 or 5: "
                      + count
                      + " survive no more losses than "
                      + (count - 1)
                      + ", since a majority must be up; a witness can be the odd one");
    }
  }

  private void checkNode(PlacedMember member) {
    if (!member.values().sound(MemberKeys.WITNESS)) {
      return;
    }
    Place place = member.values().place();
    boolean witness = member.values().get(MemberKeys.WITNESS);
    if (witness && member.node().isPresent()) {
      member
          .values()
          .at(MemberKeys.WITNESS)
          .refuse(
              member.name() + " is a node of group " + member.node().get().group(),
              "a witness has a name of its own; leave the key out if the node itself is meant");
    } else if (!witness && member.node().isEmpty()) {
      List<String> names = nodes.stream().map(PlacedNode::name).toList();
      place.refuseKey(
          "no node " + member.name() + " in groups",
          Nearest.of(member.name(), names)
              .map(near -> "did you mean " + near + "? A witness needs witness: true")
              .orElse("name a node, or add witness: true if it is an agent without a server"));
    } else if (witness && !member.values().given(MemberKeys.HOST)) {
      place.refuseKey("a witness without a host", "add host: with the address of its machine");
    }
  }
}
