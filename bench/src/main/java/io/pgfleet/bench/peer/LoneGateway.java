package io.pgfleet.bench.peer;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Starts pgfleet's gateway as a process of its own, so that what it uses is its own.
 *
 * <p>Who runs a benchmark knows how; this module does not know the gateway's.
 */
@FunctionalInterface
public interface LoneGateway {
  /**
   * The command that serves clients on the address that {@code fleet.yaml} gives its gateway,
   * before one server, until it is killed.
   *
   * @param fleetFile its gateway section is used
   * @param secrets the passwords of the fleet that the server belongs to
   * @param serverPort of the server on 127.0.0.1
   * @param certificate with one, clients may ask for TLS
   */
  List<String> command(
      Path fleetFile, Path secrets, int serverPort, Optional<Certificate> certificate);
}
