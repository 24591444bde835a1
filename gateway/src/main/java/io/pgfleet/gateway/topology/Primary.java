package io.pgfleet.gateway.topology;

/**
 * The server that writes go to.
 *
 * @param node its name in the fleet
 * @param term number of its reign; grows with every promotion
 */
public record Primary(String node, String host, int port, long term) implements Target {}
