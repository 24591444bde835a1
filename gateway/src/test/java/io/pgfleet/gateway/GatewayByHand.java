package io.pgfleet.gateway;

import io.pgfleet.gateway.tls.ClientTlsSettings;
import io.pgfleet.gateway.tls.TlsMode;
import io.pgfleet.gateway.topology.Primary;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;

/**
 * A gateway on the command line, for measuring: listen port, server port, pool size, loops, and for
 * TLS a certificate and its key.
 */
final class GatewayByHand {
  private GatewayByHand() {}

  public static void main(String[] arguments) throws Exception {
    int listen = Integer.parseInt(arguments[0]);
    int server = Integer.parseInt(arguments[1]);
    int pool = Integer.parseInt(arguments[2]);
    int loops = Integer.parseInt(arguments[3]);
    GatewaySettings settings =
        GatewaySettings.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), listen))
            .withPoolSize(pool, loops);
    if (arguments.length > 5) {
      ClientTlsSettings tls =
          ClientTlsSettings.of(TlsMode.PREFER, Path.of(arguments[4]), Path.of(arguments[5]));
      settings = settings.withAccess(settings.access().withClientTls(tls));
    }
    try (Gateway gateway =
        Gateway.start(
            settings,
            new MovablePrimary(new Primary("one", "127.0.0.1", server, 1)),
            new LookupAccount("postgres", "pgfleet_gateway", "lookup"))) {
      System.out.println("listening on " + gateway.address());
      while (System.in.read() >= 0) {
        System.out.println(gateway.status());
      }
    }
  }
}
