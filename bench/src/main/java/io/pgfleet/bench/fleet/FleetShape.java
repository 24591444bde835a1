package io.pgfleet.bench.fleet;

/**
 * What a fleet for a measurement is like.
 *
 * @param nodes servers
 * @param poolSize server connections of the gateway
 * @param clients that the gateway admits
 * @param connections that each server admits
 */
public record FleetShape(int nodes, int poolSize, int clients, int connections) {
  private static final int POOL_SIZE = 20;
  private static final int CLIENTS = 1000;
  private static final int CONNECTIONS = 100;

  /** One with room for what a fleet has by default. */
  public static FleetShape of(int nodes) {
    return new FleetShape(nodes, POOL_SIZE, CLIENTS, CONNECTIONS);
  }
}
