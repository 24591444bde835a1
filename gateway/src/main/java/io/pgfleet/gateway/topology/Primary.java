package io.pgfleet.gateway.topology;

import java.nio.file.Path;
import java.util.Optional;

/**
 * The server that writes go to.
 *
 * @param node its name in the fleet
 * @param term number of its reign; grows with every promotion
 * @param socket its Unix-domain socket, if it runs on the gateway's machine
 */
public record Primary(String node, String host, int port, long term, Optional<Path> socket)
    implements Target {
  /** One that is reached over the network. */
  public Primary(String node, String host, int port, long term) {
    this(node, host, port, term, Optional.empty());
  }
}
