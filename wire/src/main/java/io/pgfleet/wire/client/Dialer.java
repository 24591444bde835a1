package io.pgfleet.wire.client;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;

/** Opens TCP connections, trying each address of a name. */
final class Dialer {
  private Dialer() {}

  static Socket dial(ConnectSettings settings) throws IOException {
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
  private static Socket dial(InetAddress address, ConnectSettings settings) throws IOException {
    Socket socket = new Socket();
    try {
      socket.setTcpNoDelay(true);
      socket.setKeepAlive(true);
      socket.connect(
          new InetSocketAddress(address, settings.port()), millis(settings.connectTimeout()));
      return socket;
    } catch (IOException | RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  /** A duration as socket calls take it, where zero means without bound: rounded up. */
  static int millis(Duration duration) {
    if (duration.isZero()) {
      return 0;
    }
    return Math.clamp(duration.toMillis(), 1, Integer.MAX_VALUE);
  }
}
