package io.pgfleet.gateway;

import io.pgfleet.gateway.message.Messages;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.function.Consumer;

/**
 * One CancelRequest on its way to a server. The server closes the connection once it has sent the
 * signal, and a signal that finds its backend idle does nothing; so as long as the backend is given
 * to nobody else before the end of input is seen here, no other client's statement can be hit.
 */
final class CancelRelay implements Endpoint {
  private final EventLoop loop;
  private final SocketChannel channel;
  private final ByteBuffer request;
  private final InetSocketAddress address;
  private final Consumer<Boolean> done;
  private boolean sent;
  private boolean closed;

  /**
   * @param done runs once, with whether it is certain that no signal is still to come
   */
  CancelRelay(EventLoop loop, ServerLink server, Consumer<Boolean> done) throws IOException {
    this.loop = loop;
    this.done = done;
    this.request = ByteBuffer.wrap(Messages.cancel(server.process(), server.secret()));
    this.channel = SocketChannel.open();
    this.address = server.address();
  }

  void start() {
    try {
      channel.configureBlocking(false);
      loop.register(channel, SelectionKey.OP_CONNECT, this);
      if (channel.connect(address)) {
        loop.defer(() -> ready(SelectionKey.OP_CONNECT));
      }
      loop.later(loop.fleet.settings.connectTimeout().toNanos(), this::close);
    } catch (IOException e) {
      close();
    }
  }

  @Override
  public void ready(int operations) {
    try {
      SelectionKey key = channel.keyFor(loop.selector());
      if ((operations & SelectionKey.OP_CONNECT) != 0 && key != null) {
        channel.finishConnect();
        key.interestOps(SelectionKey.OP_READ);
        // sixteen bytes fit into any socket's buffer
        sent = true;
        channel.write(request);
      } else if (channel.read(ByteBuffer.allocate(16)) < 0) {
        end(true);
      }
    } catch (IOException e) {
      close();
    }
  }

  void close() {
    end(!sent);
  }

  private void end(boolean certain) {
    if (!closed) {
      closed = true;
      EventLoop.closeQuietly(channel);
      done.accept(certain);
    }
  }
}
