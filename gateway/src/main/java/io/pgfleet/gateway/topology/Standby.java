package io.pgfleet.gateway.topology;

import java.nio.file.Path;
import java.util.Optional;

/**
 * A server that only reads may go to.
 *
 * @param node its name in the fleet
 * @param region where it stands; compared for equality with the gateway's own
 * @param socket its Unix-domain socket, if it runs on the gateway's machine
 */
public record Standby(String node, String host, int port, String region, Optional<Path> socket)
    implements Target {
  /** One that is reached over the network. */
  public Standby(String node, String host, int port, String region) {
    this(node, host, port, region, Optional.empty());
  }
}
