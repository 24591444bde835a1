package io.pgfleet.bench.fleet;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a fleet for a measurement is like.
 *
 * @param nodes servers
 * @param poolSize server connections of the gateway
 * @param clients that the gateway admits
 * @param connections that each server admits
 * @param gateway other keys of the gateway's section, by name
 */
public record FleetShape(
    int nodes, int poolSize, int clients, int connections, Map<String, String> gateway) {
  private static final int CLIENTS = 1000;
  private static final int CONNECTIONS = 100;

  public FleetShape {
    gateway = new LinkedHashMap<>(gateway);
  }

  /** One with room for what a fleet has by default. */
  public static FleetShape of(int nodes) {
    return new FleetShape(nodes, 20, CLIENTS, CONNECTIONS, Map.of());
  }
}
