package io.pgfleet.wire.client;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/**
 * A server's Unix-domain socket in the form that the rest of the client reads and writes. It waits
 * without bound: bounds on waiting are for what lies behind a network.
 */
final class LocalSocket extends Socket {
  private final SocketChannel channel;

  private LocalSocket(SocketChannel channel) {
    this.channel = channel;
  }

  /**
   * Connects.
   *
   * @param folder as in {@code unix_socket_directories}
   * @param port the server's
   */
  static LocalSocket connect(Path folder, int port) throws IOException {
    Path socket = folder.resolve(".s.PGSQL." + port);
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.connect(UnixDomainSocketAddress.of(socket));
      return new LocalSocket(channel);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw new IOException("cannot connect to " + socket + ": " + e.getMessage(), e);
    }
  }

  @Override
  public InputStream getInputStream() {
    return Channels.newInputStream(channel);
  }

  @Override
  public OutputStream getOutputStream() {
    return Channels.newOutputStream(channel);
  }

  @Override
  public void setSoTimeout(int timeout) {
    // Said above.
  }

  @Override
  public boolean isClosed() {
    return !channel.isOpen();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
