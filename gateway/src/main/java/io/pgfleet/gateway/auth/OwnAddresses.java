package io.pgfleet.gateway.auth;

import io.pgfleet.gateway.transport.Network;
import java.net.InetAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;

/** The addresses of this host, read when they are asked for. */
final class OwnAddresses {
  boolean isOwn(InetAddress address) {
    return all().stream().anyMatch(own -> own.getAddress().equals(address));
  }

  /** Whether an address lies in a network that this host has an address in. */
  boolean isNear(InetAddress address) {
    for (InterfaceAddress own : all()) {
      int bits = own.getNetworkPrefixLength();
      int most = own.getAddress().getAddress().length * 8;
      if (bits >= 0 && bits <= most && Network.of(own.getAddress(), bits).contains(address)) {
        return true;
      }
    }
    return false;
  }

  private static List<InterfaceAddress> all() {
    List<InterfaceAddress> all = new ArrayList<>();
    try {
      NetworkInterface.networkInterfaces()
          .forEach(network -> all.addAll(network.getInterfaceAddresses()));
    } catch (SocketException e) {
      // unknown addresses fit no rule
      return List.of();
    }
    return all;
  }
}
