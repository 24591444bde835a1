package io.pgfleet.bench.peer;

import io.pgfleet.bench.Target;

/**
 * The same conditions for all peers.
 *
 * @param server what they stand before
 * @param verifier of the user, as the server keeps it
 * @param serverConnections for the one user and database
 * @param clients that they admit
 */
public record Pooling(Target server, String verifier, int serverConnections, int clients) {}
