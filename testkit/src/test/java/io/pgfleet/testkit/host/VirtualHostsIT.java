package io.pgfleet.testkit.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pgfleet.postgres.host.Commands;
import io.pgfleet.postgres.host.Processes;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class VirtualHostsIT {
  /** Answers each connection with one byte; Python is there wherever these tests run as root. */
  private static final String SERVER =
      """
      import socket
      s = socket.create_server(('', 7000))
      while True:
          c, _ = s.accept()
          c.sendall(b'x')
          c.close()
      """;

  private static int ask(String address) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(address, 7000), 700);
      socket.setSoTimeout(700);
      return socket.getInputStream().read();
    }
  }

  private static void awaitServer(String address) throws InterruptedException {
    for (int i = 0; i < 200; i++) {
      try {
        assertThat(ask(address)).isEqualTo('x');
        return;
      } catch (IOException e) {
        Thread.sleep(50);
      }
    }
    throw new AssertionError("the server on " + address + " does not answer");
  }

  private static Commands.Result askFrom(VirtualHost host, String address) throws IOException {
    String client =
        "import socket; print(socket.create_connection(('" + address + "', 7000), 1).recv(1))";
    return Commands.run(
        host.command(List.of("/usr/bin/python3", "-c", client)), Duration.ofSeconds(10));
  }

  @Test
  void hostsReachEachOtherUntilTheyAreCutOffInSilence() throws Exception {
    String obstacle = VirtualHosts.obstacle();
    assumeTrue(obstacle.isEmpty(), obstacle);
    long pid;
    try (VirtualHosts hosts = VirtualHosts.create(2)) {
      VirtualHost first = hosts.host(1);
      VirtualHost second = hosts.host(2);
      Process server =
          new ProcessBuilder(first.command(List.of("/usr/bin/python3", "-c", SERVER)))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      pid = server.pid();
      awaitServer(first.address());
      assertThat(askFrom(second, first.address()).succeeded()).isTrue();

      first.disconnect();
      assertThatThrownBy(() -> ask(first.address())).isInstanceOf(SocketTimeoutException.class);
      first.connect();
      awaitServer(first.address());

      first.muteTo(second.address());
      assertThat(askFrom(second, first.address()).succeeded()).isFalse();
      awaitServer(first.address());
      hosts.heal();
      assertThat(askFrom(second, first.address()).succeeded()).isTrue();

      assertThat(first.processes()).contains(pid);
      first.lose();
      assertThat(Processes.runs(pid)).isFalse();
    }
    assertThat(Processes.runs(pid)).isFalse();
  }
}
