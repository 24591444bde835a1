package io.pgfleet.gateway.topology;

import java.nio.file.Path;
import java.util.Optional;

/** A server that a statement may be sent to. */
public sealed interface Target permits Primary, Standby {
  /** Its name in the fleet. */
  String node();

  String host();

  int port();

  /** Its Unix-domain socket, if it runs on the gateway's machine: the shorter way there. */
  Optional<Path> socket();
}
