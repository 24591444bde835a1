package io.pgfleet.spec;

import java.util.HashSet;
import java.util.List;

/**
 * One primary and its standbys. {@code synchronous} is the number of standbys that must have
 * flushed a commit before it is acknowledged: at least 1 and less than the number of nodes with
 * {@link Durability#QUORUM}, 0 with {@link Durability#ASYNC}.
 */
public record GroupSpec(
    GroupName name, Durability durability, int synchronous, List<NodeSpec> nodes) {
  /**
   * Checks the numbers and that node names are distinct.
   *
   * @throws IllegalArgumentException if they are not as above
   */
  public GroupSpec {
    nodes = List.copyOf(nodes);
    boolean fits =
        switch (durability) {
          case QUORUM -> synchronous >= 1 && synchronous < nodes.size();
          case ASYNC -> synchronous == 0 && !nodes.isEmpty();
        };
    if (!fits) {
      throw new IllegalArgumentException(
          durability + " with " + synchronous + " synchronous of " + nodes.size() + " nodes");
    }
    if (new HashSet<>(nodes.stream().map(NodeSpec::name).toList()).size() < nodes.size()) {
      throw new IllegalArgumentException("two nodes of one name in group " + name);
    }
  }
}
