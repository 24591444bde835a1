package io.pgfleet.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FaultProxyIT {
  private final ServerSocket echo = listen();
  private final FaultProxy proxy = FaultProxy.before(echo.getLocalPort());

  private static ServerSocket listen() {
    try {
      return new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @BeforeEach
  void answer() {
    Thread.ofVirtual()
        .start(() -> {
          while (!echo.isClosed()) {
            try {
              Socket socket = echo.accept();
              Thread.ofVirtual().start(() -> echo(socket));
            } catch (IOException e) {
              return;
            }
          }
        });
  }

  private static void echo(Socket socket) {
    try (socket) {
      socket.getInputStream().transferTo(socket.getOutputStream());
    } catch (IOException ignored) {
      // cut, as was wanted
    }
  }

  @AfterEach
  void clear() throws IOException {
    proxy.close();
    echo.close();
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
    socket.setSoTimeout(30_000);
    return socket;
  }

  private static int ask(Socket socket, int value) throws IOException {
    socket.getOutputStream().write(value);
    return socket.getInputStream().read();
  }

  @Test
  void without_faults_it_is_not_noticed() throws IOException {
    try (Socket socket = connect()) {
      assertThat(ask(socket, 7)).isEqualTo(7);
      assertThat(proxy.connections()).isEqualTo(1);
    }
  }

  @Test
  void a_frozen_direction_is_silent_until_it_is_healed() throws IOException {
    try (Socket socket = connect()) {
      proxy.toClient().freeze();
      socket.setSoTimeout(300);
      assertThatThrownBy(() -> ask(socket, 7)).isInstanceOf(SocketTimeoutException.class);
      proxy.toClient().heal();
      socket.setSoTimeout(30_000);
      assertThat(socket.getInputStream().read()).isEqualTo(7);
    }
  }

  @Test
  void a_delay_holds_each_byte_back() throws IOException {
    try (Socket socket = connect()) {
      socket.setSoTimeout(30_000);
      proxy.toServer().delay(Duration.ofMillis(200));
      long begin = System.nanoTime();
      assertThat(ask(socket, 7)).isEqualTo(7);
      assertThat(System.nanoTime() - begin).isGreaterThan(190_000_000);
    }
  }

  @Test
  void corrupted_bytes_arrive_changed() throws IOException {
    try (Socket socket = connect()) {
      proxy.toServer().corrupt();
      assertThat(ask(socket, 7)).isEqualTo(0xF8);
    }
  }

  @Test
  void cut_connections_end_and_new_ones_can_be_refused() throws IOException {
    try (Socket socket = connect()) {
      assertThat(ask(socket, 7)).isEqualTo(7);
      proxy.cut();
      assertThatThrownBy(() -> readToEnd(socket)).isInstanceOf(IOException.class);
    }
    proxy.refuse(true);
    try (Socket socket = connect()) {
      assertThat(endsAtOnce(socket)).isTrue();
    }
    proxy.refuse(false);
    try (Socket socket = connect()) {
      assertThat(ask(socket, 7)).isEqualTo(7);
    }
  }

  private static void readToEnd(Socket socket) throws IOException {
    if (socket.getInputStream().read() < 0) {
      throw new IOException("the end");
    }
  }

  private static boolean endsAtOnce(Socket socket) {
    try {
      socket.setSoTimeout(30_000);
      return socket.getInputStream().read() < 0;
    } catch (SocketTimeoutException e) {
      return false;
    } catch (IOException e) {
      return true;
    }
  }
}
