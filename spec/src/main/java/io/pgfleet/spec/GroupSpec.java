package io.pgfleet.spec;

import java.util.HashSet;
import java.util.List;

/**
 * One primary and its standbys.
 *
 * @param synchronous how many standbys must have flushed a commit before it is acknowledged: at
 *     least 1 and less than the number of nodes with {@link Durability#QUORUM} and {@link
 *     Durability#STRICT}, 0 with {@link Durability#ASYNC}
 * @param maxLagOnFailover with {@link Durability#ASYNC} the bytes of WAL that a standby may be
 *     known to lack and still be promoted, else 0
 */
public record GroupSpec(
    GroupName name,
    Durability durability,
    int synchronous,
    long maxLagOnFailover,
    List<NodeSpec> nodes) {
  /** The default of {@code max_lag_on_failover}, in bytes. */
  public static final long MAX_LAG_ON_FAILOVER = 1L << 20;

  /**
   * Checks the numbers and that node names are distinct.
   *
   * @throws IllegalArgumentException if they are not as above
   */
  public GroupSpec {
    nodes = List.copyOf(nodes);
    boolean fits =
        switch (durability) {
          case QUORUM, STRICT ->
              synchronous >= 1 && synchronous < nodes.size() && maxLagOnFailover == 0;
          case ASYNC -> synchronous == 0 && maxLagOnFailover >= 0 && !nodes.isEmpty();
        };
    if (!fits) {
      throw new IllegalArgumentException(
          durability
              + " with "
              + synchronous
              + " synchronous of "
              + nodes.size()
              + " nodes and "
              + maxLagOnFailover
              + " bytes of lag");
    }
    if (new HashSet<>(nodes.stream().map(NodeSpec::name).toList()).size() < nodes.size()) {
      throw new IllegalArgumentException("two nodes of one name in group " + name);
    }
  }

  /** With the default bound on what a standby may lack. */
  public GroupSpec(GroupName name, Durability durability, int synchronous, List<NodeSpec> nodes) {
    this(name, durability, synchronous, durability.waits() ? 0 : MAX_LAG_ON_FAILOVER, nodes);
  }
}
