package io.pgfleet.spec;

import io.pgfleet.spec.setting.Nearest;
import io.pgfleet.spec.setting.Place;
import io.pgfleet.spec.setting.Setting;
import io.pgfleet.spec.setting.Values;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The rules between the nodes of a group: which may be promoted, and who receives from whom. */
final class NodeRules {
  private NodeRules() {}

  static void check(Values group) {
    if (!group.sound(GroupKeys.NODES) || group.get(GroupKeys.NODES).isEmpty()) {
      return;
    }
    Map<String, Values> nodes = group.get(GroupKeys.NODES);
    nodes.values().forEach(NodeRules::checkDelay);
    nodes.forEach((name, node) -> checkUpstream(nodes, name, node));
    if (group.sound(GroupKeys.DURABILITY) && group.sound(GroupKeys.SYNCHRONOUS)) {
      checkPromotable(List.copyOf(nodes.values()), GroupKeys.synchronous(group));
    }
  }

  /** Commits wait for standbys that may be promoted alone, so there must be enough of them. */
  private static void checkPromotable(List<Values> nodes, int synchronous) {
    List<Values> never = nodes.stream().filter(NodeKeys::neverPromoted).toList();
    int left = nodes.size() - 1 - never.size();
    if (never.contains(nodes.getFirst())) {
      limit(nodes.getFirst())
          .refuse(
              "the first node of a group makes its data, as its first primary",
              "name another node first");
    } else if (!never.isEmpty() && synchronous < nodes.size() && left < synchronous) {
      limit(never.getLast())
          .refuse(
              "a commit waits for "
                  + synchronous
                  + " of the standbys that may be promoted, and "
                  + left
                  + " are left",
              "let more nodes be promoted, or lower synchronous");
    }
  }

  /** Where a node says that it is never promoted. */
  private static Place limit(Values node) {
    Setting<?> implied = node.find(NodeKeys.DELAY).isPresent() ? NodeKeys.DELAY : NodeKeys.UPSTREAM;
    return node.at(node.get(NodeKeys.NEVER_PROMOTE) ? NodeKeys.NEVER_PROMOTE : implied);
  }

  /** What is old can't be promoted or read from, so the contrary can't be asked for. */
  private static void checkDelay(Values node) {
    if (node.find(NodeKeys.DELAY).isEmpty()) {
      return;
    }
    for (Setting<Boolean> limit : List.of(NodeKeys.NEVER_PROMOTE, NodeKeys.NEVER_READ)) {
      if (node.given(limit) && node.sound(limit) && !node.get(limit)) {
        node.at(limit)
            .refuse(
                "a node with delay is never promoted and never read from, for what it has is old",
                "leave " + limit.key() + " out, or take delay from the node");
      }
    }
  }

  private static void checkUpstream(Map<String, Values> nodes, String name, Values node) {
    Optional<String> upstream = node.find(NodeKeys.UPSTREAM);
    if (upstream.isEmpty()) {
      return;
    }
    Place place = node.at(NodeKeys.UPSTREAM);
    Optional<Values> other = Optional.ofNullable(nodes.get(upstream.get()));
    if (upstream.get().equals(name)) {
      place.refuse("a node can't receive from itself", "name another node of the group");
    } else if (other.isEmpty()) {
      place.refuse(
          "the group has no node " + upstream.get(),
          Nearest.of(upstream.get(), nodes.keySet())
              .map(near -> "did you mean " + near + "?")
              .orElse("name a node of the same group"));
    } else if (other.get().find(NodeKeys.UPSTREAM).isPresent()
        || other.get().find(NodeKeys.DELAY).isPresent()) {
      place.refuse(
          upstream.get() + " itself receives from another standby or has a delay",
          "name a node that always receives from the primary");
    } else if (node.find(NodeKeys.DELAY).isPresent()) {
      place.refuse("a node with delay receives from the primary", "take one of the two out");
    } else if (node.given(NodeKeys.NEVER_PROMOTE)
        && node.sound(NodeKeys.NEVER_PROMOTE)
        && !node.get(NodeKeys.NEVER_PROMOTE)) {
      node.at(NodeKeys.NEVER_PROMOTE)
          .refuse(
              "a node with upstream is never promoted, for no commit can wait for it",
              "leave never_promote out, or take upstream from the node");
    }
  }
}
