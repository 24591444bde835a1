package io.pgfleet.cli.hosts;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.cli.NotingClient;
import java.math.BigInteger;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Certificates of a running fleet are renewed, and nothing is restarted for it. */
@Tag("slow")
class RenewedCertificatesIT {
  private static final int LOOKS = 400;
  private static final int TIMEOUT_MILLIS = 10_000;

  /** Only to see what is shown. */
  private static final class Anybody implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String kind) {
      // whoever it is
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String kind) {
      // whoever it is
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }

  /** The serial number of the certificate that a node's server shows. */
  private static BigInteger shown(FleetHosts hosts, String node) throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {new Anybody()}, new SecureRandom());
    int port = Integer.parseInt(hosts.serverPort());
    try (Socket plain = new Socket()) {
      plain.connect(new InetSocketAddress(hosts.address(node), port), TIMEOUT_MILLIS);
      plain.setSoTimeout(TIMEOUT_MILLIS);
      try (SSLSocket socket =
          (SSLSocket)
              context.getSocketFactory().createSocket(plain, hosts.address(node), port, true)) {
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"postgresql"});
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return ((X509Certificate) socket.getSession().getPeerCertificates()[0]).getSerialNumber();
      }
    }
  }

  private static List<BigInteger> shown(FleetHosts hosts) throws Exception {
    List<BigInteger> serials = new ArrayList<>();
    for (String node : List.of("n1", "n2")) {
      serials.add(shown(hosts, node));
    }
    return serials;
  }

  @Test
  void runningServersShowTheNewCertificatesAndTheFleetGoesOn() throws Exception {
    try (FleetHosts hosts = new FleetHosts(new LoopbackNetwork())) {
      hosts.startFleet("n1", "n2", "w1");
      List<ProcessHandle> servers = List.of(hosts.server("n1"), hosts.server("n2"));
      try (NotingClient client = new NotingClient(hosts.jdbc())) {
        client.goOn();
        List<BigInteger> before = shown(hosts);
        hosts.run("n1", "certs", "renew").expect(0);
        for (String host : List.of("n1", "n2", "w1", "gw")) {
          hosts.install(host, "renewed");
        }
        List<BigInteger> after = shown(hosts);
        for (int i = 0; i < LOOKS && after.stream().anyMatch(before::contains); i++) {
          Thread.sleep(100);
          after = shown(hosts);
        }
        assertThat(after).doesNotContainAnyElementsOf(before);
        client.goOn();
        assertThat(client.failures()).isEmpty();
        assertThat(List.of(hosts.server("n1"), hosts.server("n2"))).isEqualTo(servers);

        // Everybody connects anew to others, by certificates of either kind.
        hosts.run("gw", "switchover", "--fleet", "tried").expect(0);
        client.goOn();
        hosts.awaitWhole("gw");
        assertThat(client.failures()).isEmpty();
        assertThat(client.lost()).isEmpty();
      }
    }
  }
}
