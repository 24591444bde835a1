package io.pgfleet.wire.client;

import io.pgfleet.wire.Protocol;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Opens connections: by TCP, trying each address of a name, or through a Unix-domain socket where
 * the host is the absolute path of its folder, as libpq has it (PostgreSQL manual, 'Parameter Key
 * Words', host).
 */
final class Dialer {
  private Dialer() {}

  static Line dial(ConnectSettings settings) throws IOException {
    if (settings.host().startsWith("/")) {
      Socket local = LocalSocket.connect(Path.of(settings.host()), settings.port());
      return new Line(local, local); // the kernel is between them, so nobody needs TLS
    }
    IOException failure = null;
    for (InetAddress address : resolve(settings.host())) {
      try {
        return dial(address, settings);
      } catch (IOException e) {
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    String reason =
        failure instanceof SocketTimeoutException
            ? "no answer within " + settings.connectTimeout().toMillis() + " ms"
            : failure == null ? "the name has no address" : failure.getMessage();
    throw new IOException(
        "cannot connect to " + settings.host() + ":" + settings.port() + ": " + reason, failure);
  }

  private static InetAddress[] resolve(String host) throws IOException {
    try {
      return InetAddress.getAllByName(host);
    } catch (UnknownHostException e) {
      throw new IOException("cannot find the address of host " + host, e);
    }
  }

  @SuppressWarnings("AddressSelection") // the caller tries them all
  private static Line dial(InetAddress address, ConnectSettings settings) throws IOException {
    Socket socket = new Socket();
    try {
      socket.setTcpNoDelay(true);
      socket.setKeepAlive(true);
      socket.connect(
          new InetSocketAddress(address, settings.port()), millis(settings.connectTimeout()));
      return settings.encryption().isEmpty()
          ? new Line(socket, socket)
          : new Line(socket, encrypted(socket, settings, settings.encryption().get()));
    } catch (IOException | RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  /** Asks for TLS (PostgreSQL manual, 'SSL Session Encryption'). */
  private static Socket encrypted(Socket socket, ConnectSettings settings, Encryption encryption)
      throws IOException {
    socket.setSoTimeout(millis(settings.connectTimeout()));
    byte[] request = ByteBuffer.allocate(8).putInt(8).putInt(Protocol.SSL_REQUEST).array();
    socket.getOutputStream().write(request);
    // one byte and no more is read: what follows belongs to the handshake
    int answer = socket.getInputStream().read();
    return switch (answer) {
      case 'S' -> encryption.handshake().over(socket, settings.host(), settings.port());
      case 'N' -> {
        if (encryption.required()) {
          throw new IOException("the server does not speak TLS, which is required");
        }
        yield socket;
      }
      default -> throw new IOException("the server did not answer whether it speaks TLS");
    };
  }

  /** A duration as socket calls take it, where zero means without bound: rounded up. */
  static int millis(Duration duration) {
    if (duration.isZero()) {
      return 0;
    }
    return Math.clamp(duration.toMillis(), 1, Integer.MAX_VALUE);
  }
}
