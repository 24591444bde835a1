package io.pgfleet.deploy.front;

import io.pgfleet.deploy.DeployException;
import io.pgfleet.spec.FleetSpec;
import io.pgfleet.spec.HostPort;
import io.pgfleet.spec.NodeSpec;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Configurations for HAProxy from 2.2 on (its Configuration Manual).
 *
 * @param spec the fleet
 * @param statsPort of the page about what it does, on loopback only
 */
public record Haproxy(FleetSpec spec, int statsPort) {
  private static final int MEGABYTE_BITS = 20;

  /**
   * In front of the servers: one port for the primary, one for standbys.
   *
   * @throws DeployException if a node answers no HTTP checks
   */
  public String beforeServers(int writePort, int readPort) {
    requireDistinct(writePort, readPort, statsPort);
    Fronted fleet = new Fronted(spec);
    List<NodeSpec> readers =
        fleet.group().nodes().stream().filter(node -> !node.neverRead()).toList();
    return head()
        + """

        # Sessions end with the primary's reign: a client that stayed would write to a server that takes no writes.
        frontend writes
          bind *:%1$d
          default_backend primary

        backend primary
          option httpchk OPTIONS /primary
          http-check expect status 200
          default-server inter 1s fall 2 rise 1 on-marked-down shutdown-sessions
        %2$s
        # Standbys that lack no more WAL than gateway.reads.max_lag_bytes. Without one, reads go to the primary.
        frontend reads
          bind *:%3$d
          use_backend primary unless { nbsrv(standbys) gt 0 }
          default_backend standbys

        # A session stays when its standby falls behind, or is promoted: it can still be read from.
        backend standbys
          balance leastconn
          option httpchk OPTIONS /replica?lag=%4$s
          http-check expect status 200
          default-server inter 1s fall 2 rise 1
        %5$s\
        """
            .formatted(
                writePort,
                servers(fleet.candidates()),
                readPort,
                size(spec.gateway().reads().maxLagBytes()),
                servers(readers));
  }

  /**
   * In front of several gateways, which do the rest. The check asks for TLS, as every client may:
   * an answer shows that the gateway's event loop lives, where a connection alone shows only that
   * its port is open.
   */
  public String beforeGateways(int port, List<HostPort> gateways) {
    requireDistinct(port, statsPort, port + 1);
    boolean proxied = !spec.gateway().proxies().isEmpty();
    StringBuilder servers = new StringBuilder();
    for (int i = 0; i < gateways.size(); i++) {
      servers.append(
          "  server gateway%d %s check%s\n"
              .formatted(i + 1, gateways.get(i), proxied ? " send-proxy-v2" : ""));
    }
    return "global\n  maxconn %d\n\n"
            .formatted(gateways.size() * spec.gateway().limits().maxClientConn())
        + head()
        + """

        # Each gateway holds its clients while the primary moves, so a failover ends no session here.
        listen gateways
          bind *:%d
          balance leastconn
          option tcp-check
          # An SSLRequest. The answer is S or N; no login is begun.
          tcp-check send-binary 0000000804d2162f
          tcp-check expect rstring ^[SN]
          default-server inter 1s fall 2 rise 1 on-marked-down shutdown-sessions
        %s%s\
        """
            .formatted(port, proxied ? PROXIED : PLAIN, servers);
  }

  private static final String PROXIED =
      "  # The gateway learns the clients' own addresses. This host must be in gateway.proxy_protocol.from.\n";

  private static final String PLAIN =
      """
        # To the gateway every client has this host's address. For rules and limits by address, add this host's network
        # to gateway.proxy_protocol.from in fleet.yaml, and write this file anew.
      """;

  private String head() {
    return """
    defaults
      mode tcp
      timeout connect 2s
      timeout check 2s
      # Pooled connections are silent for hours; who is gone is found by TCP.
      timeout client 24h
      timeout server 24h
      option clitcpka
      option srvtcpka

    listen stats
      mode http
      bind 127.0.0.1:%d
      timeout client 1m
      timeout server 1m
      stats enable
      stats uri /
      stats refresh 5s
    """
        .formatted(statsPort);
  }

  private static String servers(List<NodeSpec> nodes) {
    return nodes.stream().map(Haproxy::server).collect(Collectors.joining());
  }

  private static String server(NodeSpec node) {
    HostPort checks = Fronted.checks(node);
    String elsewhere = checks.host().equals(node.address().host()) ? "" : " addr " + checks.host();
    return "  server %s %s check%s port %d\n"
        .formatted(node.name(), node.address(), elsewhere, checks.port());
  }

  /** Bytes, in megabytes where they are whole ones. */
  private static String size(long bytes) {
    long megabytes = bytes >> MEGABYTE_BITS;
    return megabytes << MEGABYTE_BITS == bytes ? megabytes + "MB" : Long.toString(bytes);
  }

  private static void requireDistinct(int one, int other, int third) {
    if (one == other || one == third || other == third) {
      throw new DeployException(
          "two of the ports are the same: " + one + ", " + other + ", " + third,
          "give --write-port, --read-port and --stats-port ports of their own");
    }
  }
}
