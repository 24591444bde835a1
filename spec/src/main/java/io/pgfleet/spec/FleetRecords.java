package io.pgfleet.spec;

import io.pgfleet.spec.setting.Values;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

/** Turns what was read, once nothing is wrong with it, into records. */
final class FleetRecords {
  private static final String APP = "app";

  private FleetRecords() {}

  static FleetSpec record(Values fleet) {
    List<PlacedNode> nodes = PlacedNode.all(fleet);
    List<GroupSpec> groups =
        records(fleet.get(FleetKeys.GROUPS), (name, group) -> group(name, group, nodes));
    boolean untold = !fleet.given(FleetKeys.USERS) && !fleet.given(FleetKeys.DATABASES);
    List<UserSpec> users =
        untold
            ? List.of(new UserSpec(APP, false, new PasswordSource.Generated()))
            : records(fleet.find(FleetKeys.USERS).orElse(Map.of()), UserKeys::record);
    List<DatabaseSpec> databases =
        untold
            ? List.of(new DatabaseSpec(APP, APP, List.of()))
            : records(fleet.find(FleetKeys.DATABASES).orElse(Map.of()), DatabaseKeys::record);
    return new FleetSpec(
        new FleetName(fleet.get(FleetKeys.FLEET)),
        fleet.find(FleetKeys.DATA),
        fleet.find(FleetKeys.RUN_AS),
        PostgresKeys.record(fleet.get(FleetKeys.POSTGRES)),
        groups,
        GatewayKeys.record(fleet.get(FleetKeys.GATEWAY)),
        ConsensusKeys.record(fleet.get(FleetKeys.CONSENSUS), nodes),
        BackupKeys.record(fleet.get(FleetKeys.BACKUP)),
        users,
        databases);
  }

  private static GroupSpec group(String name, Values group, List<PlacedNode> nodes) {
    return new GroupSpec(
        new GroupName(name),
        GroupKeys.durability(group),
        GroupKeys.synchronous(group),
        GroupKeys.maxLagOnFailover(group),
        nodes.stream().filter(n -> n.group().equals(name)).map(PlacedNode::record).toList());
  }

  private static <T> List<T> records(
      Map<String, Values> values, BiFunction<String, Values, T> record) {
    return values.entrySet().stream().map(e -> record.apply(e.getKey(), e.getValue())).toList();
  }
}
