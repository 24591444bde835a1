package io.pgfleet.gateway.transport;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;

/** Several networks together. */
public record Networks(List<Network> networks) {
  /** Nothing lies in it. */
  public static final Networks NONE = new Networks(List.of());

  public Networks {
    networks = List.copyOf(networks);
  }

  /**
   * Networks in the form {@code address/prefix}.
   *
   * @throws IllegalArgumentException if one is not
   */
  public static Networks of(String... texts) {
    return new Networks(Arrays.stream(texts).map(Network::parse).toList());
  }

  /** Whether an address lies in one of them. */
  public boolean contains(InetAddress address) {
    for (Network network : networks) {
      if (network.contains(address)) {
        return true;
      }
    }
    return false;
  }
}
