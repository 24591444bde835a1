package io.pgfleet.deploy.front;

import io.pgfleet.deploy.DeployException;
import io.pgfleet.spec.FleetSpec;
import io.pgfleet.spec.HostPort;
import io.pgfleet.spec.NodeName;
import io.pgfleet.spec.NodeSpec;
import java.math.BigInteger;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Configurations for keepalived from 2.0 on (keepalived.conf(5)): one virtual address, and a file
 * for each host that may hold it.
 *
 * @param spec the fleet
 * @param address the virtual address
 * @param bits the length of its network's prefix
 * @param networkInterface where it is added
 * @param routerId from 1 to 255, the same on all hosts
 */
public record Keepalived(
    FleetSpec spec, InetAddress address, int bits, String networkInterface, int routerId) {
  private static final int MOST = 255;
  private static final int LONGEST_NAME = 15;
  private static final String SSL_REQUEST = "0000000804d2162f";

  /** Version 2, command LOCAL: the connection is the sender's own. */
  private static final String PROXY_HEADER = "0d0a0d0a000d0a515549540a20000000";

  /**
   * Checks what can be checked without the hosts.
   *
   * @throws DeployException if a part does not fit
   */
  public Keepalived {
    if (bits < 1 || bits > address.getAddress().length * Byte.SIZE) {
      throw new DeployException(
          "/" + bits + " is no prefix of " + address.getHostAddress(),
          "write the virtual address with the prefix of its network, such as 10.0.0.100/24");
    }
    if (routerId < 1 || routerId > MOST) {
      throw new DeployException(
          routerId + " is no router id", "choose one from 1 to 255, the same on all hosts");
    }
    if (!networkInterface.matches("[A-Za-z0-9._@-]{1," + LONGEST_NAME + "}")) {
      throw new DeployException(
          "'" + networkInterface + "' is no name of a network interface",
          "'ip -br address' lists them");
    }
  }

  /** A router id that is the same wherever the virtual address is. */
  public static int routerIdOf(InetAddress address) {
    return 1 + Math.floorMod(Arrays.hashCode(address.getAddress()), MOST);
  }

  /**
   * For the host of a node: the address stands where the primary is.
   *
   * @throws DeployException if the node can't become the primary, answers no checks, or has a name
   *     in place of an address
   */
  public String followingPrimary(NodeName name) {
    Fronted fleet = new Fronted(spec);
    NodeSpec own = fleet.node(name);
    if (own.neverPromote()) {
      throw new DeployException(
          "node " + name + " never becomes the primary, so its host never has the address",
          "name another node, or take " + own.keyAgainstPromotion() + " from it in fleet.yaml");
    }
    HostPort checks = Fronted.checks(own);
    return file(
        name.value(),
        """
        # The agent of %1$s says whether its server is the primary, and says so only while its lease is certain: never do
        # two say so at once. PostgreSQL listens on its node's host alone. What applications reach at the virtual
        # address is the gateway (gateway.host: 0.0.0.0) or the HAProxy of the host that has it.
        # As another user than root, the checks of 'keepalived -t' (2.2.7) end by a signal.
        vrrp_script serving {
          script "/bin/bash -c 'exec 3<>/dev/tcp/%2$s/%3$d && printf \\"OPTIONS /primary HTTP/1.0\\r\\n\\r\\n\\" >&3 && read -r line <&3 && [[ $line == *\\" 200 \\"* ]]'"
        """
            .formatted(name, checks.host(), checks.port()),
        own.address().host(),
        fleet.candidates().stream().map(node -> node.address().host()).toList());
  }

  /**
   * For the host of a gateway: the address stands on one that answers, and moves only when that one
   * does not.
   *
   * @param own the gateway of this host
   * @param all gateways, this one among them
   */
  public String onGateways(HostPort own, List<HostPort> all) {
    if (!all.contains(own)) {
      throw new DeployException(own + " is none of the gateways", "name it with --gateway, too");
    }
    return file(
        own.host(),
        """
        # Asks for TLS, as every client may: an answer shows that the gateway's event loop lives, where a connection
        # alone shows only that its port is open.
        # As another user than root, the checks of 'keepalived -t' (2.2.7) end by a signal.
        vrrp_script serving {
          script "/bin/bash -c 'exec 3<>/dev/tcp/%s/%d && base64 -d <<< %s >&3 && read -r -n 1 answer <&3 && [[ $answer == [SN] ]]'"
        """
            .formatted(own.host(), own.port(), Base64.getEncoder().encodeToString(question(own))),
        own.host(),
        all.stream().map(HostPort::host).toList());
  }

  /** An SSLRequest, after the header of the PROXY protocol where the gateway asks for one. */
  private byte[] question(HostPort own) {
    boolean proxied =
        spec.gateway().proxies().stream()
            .anyMatch(network -> contains(network, requireAddress(own.host())));
    return HexFormat.of().parseHex((proxied ? PROXY_HEADER : "") + SSL_REQUEST);
  }

  private static boolean contains(String network, String host) {
    int slash = network.indexOf('/');
    byte[] base = InetAddress.ofLiteral(network.substring(0, slash)).getAddress();
    byte[] one = InetAddress.ofLiteral(host).getAddress();
    int free = base.length * Byte.SIZE - Integer.parseInt(network.substring(slash + 1));
    return base.length == one.length
        && new BigInteger(1, base).shiftRight(free).equals(new BigInteger(1, one).shiftRight(free));
  }

  private String file(String name, String check, String own, List<String> hosts) {
    return """
    global_defs {
      router_id %1$s
      vrrp_version 3
      enable_script_security
      script_user root
    }

    %2$s  interval 1
      timeout 2
      fall 2
      rise 1
    }

    vrrp_instance pgfleet {
      # No host is better than another, and none takes the address from one that still serves.
      state BACKUP
      nopreempt
      priority 100
      interface %3$s
      virtual_router_id %4$d
      # The address moves about 4 s after its host was lost, and as soon as its host knows that it does not serve.
      advert_int 1
      # Spoken to by address: clouds and many switches drop multicast. VRRP's passwords are sent in clear text and
      # prove nothing, so there is none: keep strangers off this network.
      unicast_src_ip %5$s
      unicast_peer {
    %6$s  }
      # Who does not serve gives the address up, and takes no part in choosing.
      track_script {
        serving
      }
      # Switches and neighbours are told again, in case the first news was lost.
      garp_master_refresh 60
      virtual_ipaddress {
        %7$s/%8$d
      }
    }
    """
        .formatted(
            name,
            check,
            networkInterface,
            routerId,
            requireAddress(own),
            peers(own, hosts),
            address.getHostAddress(),
            bits);
  }

  private String peers(String own, List<String> hosts) {
    List<String> others = hosts.stream().filter(host -> !host.equals(own)).toList();
    if (others.size() != hosts.size() - 1 || new HashSet<>(hosts).size() != hosts.size()) {
      throw new DeployException(
          "two of the hosts are the same: " + String.join(", ", hosts),
          "a virtual address moves between machines; give each its own address in fleet.yaml");
    }
    if (others.isEmpty()) {
      throw new DeployException(
          "there is one host only, so the address has nowhere to go",
          "a virtual address takes two hosts or more");
    }
    return others.stream()
        .map(host -> "    " + requireAddress(host) + "\n")
        .collect(Collectors.joining());
  }

  /** keepalived looks up no names, and speaks to its peers by addresses of the same kind. */
  private String requireAddress(String host) {
    try {
      if (InetAddress.ofLiteral(host).getClass().equals(address.getClass())) {
        return host;
      }
    } catch (IllegalArgumentException e) {
      throw new DeployException(
          host + " is a name, and keepalived needs addresses", "write the address in its place");
    }
    throw new DeployException(
        host + " and " + address.getHostAddress() + " are not both of IPv4 or of IPv6",
        "choose a virtual address of the hosts' own kind");
  }
}
