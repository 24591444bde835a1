package io.pgfleet.spec;

import io.pgfleet.spec.setting.Values;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A node of the file with its number in the fleet, from 0, which decides its default port. */
record PlacedNode(String group, String name, int number, Values values) {
  static List<PlacedNode> all(Values fleet) {
    List<PlacedNode> nodes = new ArrayList<>();
    for (Map.Entry<String, Values> group : fleet.get(FleetKeys.GROUPS).entrySet()) {
      for (Map.Entry<String, Values> node : group.getValue().get(GroupKeys.NODES).entrySet()) {
        nodes.add(new PlacedNode(group.getKey(), node.getKey(), nodes.size(), node.getValue()));
      }
    }
    return nodes;
  }

  int port() {
    return values.find(NodeKeys.PORT).orElse(NodeKeys.FIRST_PORT + number);
  }

  NodeSpec record() {
    return new NodeSpec(
        new NodeName(name),
        new HostPort(values.get(NodeKeys.HOST), port()),
        values.get(NodeKeys.REGION),
        values.find(NodeKeys.DATA),
        NodeKeys.checks(values),
        NodeKeys.agent(values, port()),
        NodeKeys.neverPromoted(values),
        NodeKeys.neverRead(values),
        values.find(NodeKeys.DELAY).orElse(Duration.ZERO),
        values.find(NodeKeys.UPSTREAM).map(NodeName::new),
        NodeKeys.watchdog(values));
  }
}
