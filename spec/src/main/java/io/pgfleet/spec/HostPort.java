package io.pgfleet.spec;

/** A host name or address, and a TCP port from 1 to 65535. */
public record HostPort(String host, int port) {
  /** Host names and addresses; an IPv6 address stands without brackets. */
  static final String HOST_FORM = "[A-Za-z0-9][A-Za-z0-9._-]{0,252}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*";

  /**
   * Checks both.
   *
   * @throws IllegalArgumentException if the host has another form or the port is out of range
   */
  public HostPort {
    if (!host.matches(HOST_FORM)) {
      throw new IllegalArgumentException("not a host name or address: " + host);
    }
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("not a port from 1 to 65535: " + port);
    }
  }

  /** Whether nothing but its own machine reaches it, as far as its text says. */
  public boolean isLoopback() {
    return host.startsWith("127.") || host.equals("localhost") || host.equals("::1");
  }

  /** {@code host:port}, an IPv6 address in brackets. */
  @Override
  public String toString() {
    return host.indexOf(':') < 0 ? host + ":" + port : "[" + host + "]:" + port;
  }
}
