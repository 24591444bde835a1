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
 * @param neverPromote whether it never becomes the primary, and no commit waits for it
 * @param neverRead whether no reads are sent to it while it is a standby
 */
public record NodeSpec(
    NodeName name,
    HostPort address,
    String region,
    Optional<Path> data,
    Optional<HostPort> checks,
    boolean neverPromote,
    boolean neverRead) {
  /** A node that answers no checks, may be promoted and may be read from. */
  public NodeSpec(NodeName name, HostPort address, String region, Optional<Path> data) {
    this(name, address, region, data, Optional.empty(), false, false);
  }
}
