package io.pgfleet.spec;

import io.pgfleet.spec.setting.Choice;
import io.pgfleet.spec.setting.Counted;
import io.pgfleet.spec.setting.Keyed;
import io.pgfleet.spec.setting.Section;
import io.pgfleet.spec.setting.Setting;
import io.pgfleet.spec.setting.Size;
import io.pgfleet.spec.setting.Values;
import io.pgfleet.spec.setting.Whole;
import java.util.LinkedHashMap;
import java.util.Map;

/** The keys of one group. */
final class GroupKeys {
  private static final int MOST_NODES = 99;

  static final Setting<Durability> DURABILITY =
      Setting.optional(
          "durability",
          new Choice<>(words()),
          "quorum; async if the group has a single node",
          "When a commit is acknowledged: with `quorum` once the primary and `synchronous` standbys"
              + " have flushed it, so that no failover loses it; while fewer standbys are there,"
              + " the primary waits for those, and goes on alone without any. `strict` never waits"
              + " for fewer: writes stop until enough standbys are back. With `async` once the"
              + " primary has flushed it; a failover may lose the latest commits.");
  static final Setting<Integer> SYNCHRONOUS =
      Setting.optional(
          "synchronous",
          new Whole("a number of standbys", 1, MOST_NODES - 1),
          "1 with quorum and strict",
          "How many standbys must have flushed a commit before it is acknowledged. Less than the"
              + " number of nodes, and not with `durability: async`.");
  static final Setting<Long> MAX_LAG_ON_FAILOVER =
      Setting.optional(
          "max_lag_on_failover",
          new Size(0, 1L << 40),
          "1MB with async",
          "Only with `durability: async`: how much WAL a standby may lack and still be promoted"
              + " when the primary is lost, by the primary's last record of its position; it makes"
              + " one a second. What it wrote after that record is lost in any case.");
  static final Setting<Map<String, Values>> NODES =
      Setting.withDefault(
          "nodes",
          new Counted<>(
              new Keyed<>("a mapping of nodes by name", Forms.NODE, NodeKeys.SECTION, 1, Map.of()),
              "n",
              new Whole("a number of nodes", 1, MOST_NODES)),
          "3",
          "The nodes by name, or just how many: 3 means `n1`, `n2` and `n3` with the defaults"
              + " below.");
  static final Section SECTION =
      Section.of(
          "a mapping of the keys durability, synchronous, max_lag_on_failover and nodes",
          DURABILITY,
          SYNCHRONOUS,
          MAX_LAG_ON_FAILOVER,
          NODES);

  private GroupKeys() {}

  /** What the file says or, where it says nothing, what suits the number of nodes. */
  static Durability durability(Values group) {
    boolean alone = group.get(NODES).size() < 2;
    return group.find(DURABILITY).orElse(alone ? Durability.ASYNC : Durability.QUORUM);
  }

  /** How many standbys must flush a commit. */
  static int synchronous(Values group) {
    return switch (durability(group)) {
      case QUORUM, STRICT -> group.find(SYNCHRONOUS).orElse(1);
      case ASYNC -> 0;
    };
  }

  /** How many bytes of WAL a standby may lack and be promoted. */
  static long maxLagOnFailover(Values group) {
    return switch (durability(group)) {
      case QUORUM, STRICT -> 0;
      case ASYNC -> group.find(MAX_LAG_ON_FAILOVER).orElse(GroupSpec.MAX_LAG_ON_FAILOVER);
    };
  }

  private static Map<String, Durability> words() {
    Map<String, Durability> words = new LinkedHashMap<>();
    words.put("quorum", Durability.QUORUM);
    words.put("strict", Durability.STRICT);
    words.put("async", Durability.ASYNC);
    return words;
  }
}
