package io.pgfleet.parity;

import io.pgfleet.gateway.topology.Topology;
import io.pgfleet.gateway.topology.TopologySource;

/** Servers that stay what they are. */
record FixedTopology(Topology current) implements TopologySource {
  @Override
  public void onChange(Runnable listener) {
    // it never changes
  }
}
