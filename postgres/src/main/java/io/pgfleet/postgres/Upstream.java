package io.pgfleet.postgres;

import java.util.Optional;

/**
 * The server a standby streams from.
 *
 * @param user a role that may replicate
 * @param applicationName the name under which the primary knows the standby, as in {@code
 *     synchronous_standby_names}
 * @param slot the physical slot on the upstream, if one is to be used
 */
public record Upstream(
    String host,
    int port,
    String user,
    String password,
    String applicationName,
    Optional<String> slot) {

  @Override
  public String toString() {
    return "Upstream["
        + user
        + "@"
        + host
        + ":"
        + port
        + ", "
        + applicationName
        + ", "
        + slot
        + "]"; // a record's own text would show the password
  }
}
