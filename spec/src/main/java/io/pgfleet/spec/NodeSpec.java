package io.pgfleet.spec;

import io.pgfleet.spec.setting.Setting;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * One node: one PostgreSQL server beside one agent.
 *
 * @param address the server's own
 * @param region any word, compared for equality
 * @param data the data folder, absolute; absent where pgfleet chooses it
 * @param checks where the agent answers HTTP checks; absent where it answers none
 * @param agent where the agent listens to the other agents of its group, on several hosts
 * @param neverPromote whether it never becomes the primary, and no commit waits for it
 * @param neverRead whether no reads are sent to it while it is a standby
 * @param delay how long after the primary's commit it applies a change, while it is a standby; zero
 *     where it applies at once. One with a delay is never promoted and never read from
 * @param upstream the node from which it receives WAL while that is a standby; absent where it
 *     always receives from the primary. One with an upstream is never promoted
 * @param watchdog what its host's watchdog is used for
 */
public record NodeSpec(
    NodeName name,
    HostPort address,
    String region,
    Optional<Path> data,
    Optional<HostPort> checks,
    HostPort agent,
    boolean neverPromote,
    boolean neverRead,
    Duration delay,
    Optional<NodeName> upstream,
    WatchdogSpec watchdog) {
  /** How far the port of a node's agent is from that of its server where none is given. */
  static final int AGENT_PORT_OFFSET = 2000;

  private static final int HIGHEST_PORT = 65_535;

  public NodeSpec {
    if (delay.isNegative() || (!delay.isZero() && !(neverPromote && neverRead))) {
      throw new IllegalArgumentException("a node with a delay is never promoted nor read from");
    }
    if (upstream.isPresent() && (!neverPromote || upstream.get().equals(name))) {
      throw new IllegalArgumentException(
          "a node with an upstream is never promoted, and is not its own upstream");
    }
  }

  /** A node whose host's watchdog is left alone. */
  public NodeSpec(
      NodeName name,
      HostPort address,
      String region,
      Optional<Path> data,
      Optional<HostPort> checks,
      HostPort agent,
      boolean neverPromote,
      boolean neverRead,
      Duration delay,
      Optional<NodeName> upstream) {
    this(
        name,
        address,
        region,
        data,
        checks,
        agent,
        neverPromote,
        neverRead,
        delay,
        upstream,
        WatchdogSpec.OFF);
  }

  /** A node that receives from the primary and applies at once. */
  public NodeSpec(
      NodeName name,
      HostPort address,
      String region,
      Optional<Path> data,
      Optional<HostPort> checks,
      HostPort agent,
      boolean neverPromote,
      boolean neverRead) {
    this(
        name,
        address,
        region,
        data,
        checks,
        agent,
        neverPromote,
        neverRead,
        Duration.ZERO,
        Optional.empty());
  }

  /** A node that answers no checks, may be promoted and may be read from. */
  public NodeSpec(NodeName name, HostPort address, String region, Optional<Path> data) {
    this(name, address, region, data, Optional.empty(), usualAgent(address), false, false);
  }

  /**
   * The same, never promoted.
   *
   * @param unread whether it is never read from either
   */
  public NodeSpec limited(boolean unread) {
    return new NodeSpec(
        name,
        address,
        region,
        data,
        checks,
        agent,
        true,
        unread || neverRead,
        delay,
        upstream,
        watchdog);
  }

  /** Whether it applies changes only some time after the primary. */
  public boolean delayed() {
    return !delay.isZero();
  }

  /** The key in the file to take from a node that is never promoted, so that it may be. */
  public String keyAgainstPromotion() {
    Setting<?> key = delayed() ? NodeKeys.DELAY : NodeKeys.NEVER_PROMOTE;
    return (upstream.isPresent() ? NodeKeys.UPSTREAM : key).key();
  }

  /** Where an agent listens of which the file says nothing. */
  static HostPort usualAgent(HostPort server) {
    int above = server.port() + AGENT_PORT_OFFSET;
    return new HostPort(
        server.host(), above > HIGHEST_PORT ? server.port() - AGENT_PORT_OFFSET : above);
  }
}
