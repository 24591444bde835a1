package io.pgfleet.spec;

import java.nio.file.Path;
import java.util.Optional;

/**
 * One node: one PostgreSQL server beside one agent.
 *
 * @param address the server's own
 * @param region any word, compared for equality
 * @param data the data folder, absolute; absent where pgfleet chooses it
 * @param checks where the agent answers HTTP checks; absent where it answers none
 */
public record NodeSpec(
    NodeName name,
    HostPort address,
    String region,
    Optional<Path> data,
    Optional<HostPort> checks) {
  /** A node that answers no checks. */
  public NodeSpec(NodeName name, HostPort address, String region, Optional<Path> data) {
    this(name, address, region, data, Optional.empty());
  }
}
