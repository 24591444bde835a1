package io.pgfleet.gateway.topology;

/**
 * A server that only reads may go to.
 *
 * @param node its name in the fleet
 * @param region where it stands; compared for equality with the gateway's own
 */
public record Standby(String node, String host, int port, String region) implements Target {}
