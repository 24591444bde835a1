package io.pgfleet.cli.up;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;

/** Which of a fleet's hosts this machine is. */
final class LocalAddresses {
  private LocalAddresses() {}

  /** Whether a name or address of fleet.yaml is this machine's; false if that can't be told. */
  static boolean contain(String host) {
    try {
      InetAddress address = InetAddress.getByName(host);
      return address.isLoopbackAddress() || NetworkInterface.getByInetAddress(address) != null;
    } catch (UnknownHostException | SocketException e) {
      return false;
    }
  }
}
