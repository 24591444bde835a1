package io.pgfleet.bench.gateway;

import java.util.OptionalLong;

/**
 * A way from pgbench to the server.
 *
 * @param pid of the process in between, if there is one
 * @param prepared whether statements prepared by clients work on it
 */
record Route(String name, int port, OptionalLong pid, boolean prepared) {
  boolean carries(Load load) {
    return load != Load.PREPARED || prepared;
  }
}
