package io.pgfleet.gateway.auth;

import java.net.InetAddress;
import java.util.Optional;

/**
 * A client that wants to log in.
 *
 * @param address where it comes from; empty on a Unix-domain socket
 * @param encrypted whether it speaks TLS
 */
public record Attempt(
    String database, String user, Optional<InetAddress> address, boolean encrypted) {}
