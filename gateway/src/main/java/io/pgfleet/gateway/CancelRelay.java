package io.pgfleet.gateway;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One CancelRequest on its way to a server. The server closes the connection once it has sent the
 * signal, and a signal that finds its backend idle does nothing; so as long as the backend is given
 * to nobody else before the end of input is seen here, no other client's statement can be hit.
 */
final class CancelRelay implements Endpoint {
  private final EventLoop loop;
  private @Nullable Plug plug;
  private final ByteBuffer request;
  private final InetSocketAddress address;
  private final Consumer<Boolean> done;
  private boolean sent;
  private boolean closed;

  /**
   * @param done runs once, with whether it is certain that no signal is still to come
   */
  CancelRelay(EventLoop loop, ServerLink server, Consumer<Boolean> done) {
    this.loop = loop;
    this.done = done;
    this.request = ByteBuffer.wrap(server.cancelRequest());
    this.address = server.address;
  }

  void start() {
    try {
      plug = Plug.connect(loop, address, this);
      loop.later(loop.fleet.settings.connectTimeout().toNanos(), this::close);
    } catch (IOException e) {
      close();
    }
  }

  @Override
  public void ready(int operations) {
    Plug plugged = plug;
    if (plugged == null || closed) {
      return;
    }
    try {
      if ((operations & SelectionKey.OP_CONNECT) != 0) {
        plugged.connected();
        sent = true;
        // sixteen bytes fit into any socket's buffer
        plugged.outbox().write(request);
      } else if (plugged.read(ByteBuffer.allocate(16)) < 0) {
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
      if (plug != null) {
        plug.close();
      }
      done.accept(certain);
    }
  }
}
