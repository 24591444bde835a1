package io.pgfleet.gateway;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import org.jspecify.annotations.Nullable;

/**
 * One CancelRequest on its way to a server. The server closes the connection once it has sent the
 * signal, and a signal that finds its backend idle does nothing; so as long as the backend is given
 * to nobody else before the end of input is seen here, no other client's statement can be hit.
 */
final class CancelRelay implements Endpoint {
  /** Told once. */
  interface Ended {
    /**
     * A relay has ended.
     *
     * @param certain whether no signal is still to come
     */
    void with(CancelRelay relay, boolean certain);
  }

  private final EventLoop loop;
  private @Nullable Plug plug;
  private final ByteBuffer request;
  private final SocketAddress address;
  private final int port;
  private final String host;
  private @Nullable ServerApproach approach;
  private final Ended done;
  private boolean sent;
  private boolean closed;

  /**
   * @param done runs once, with whether it is certain that no signal is still to come
   */
  CancelRelay(EventLoop loop, ServerLink server, Ended done) {
    this.loop = loop;
    this.done = done;
    this.request = ByteBuffer.wrap(server.session.cancelRequest());
    this.address = server.session.address;
    this.host = server.target.host();
    this.port = server.target.port();
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
      ServerApproach begun = approach;
      if ((operations & SelectionKey.OP_CONNECT) != 0 && begun == null) {
        plugged.connected();
        begun = new ServerApproach(loop, plugged, host, port);
        approach = begun;
        if (begun.begin()) {
          send(plugged);
        }
        return;
      }
      if ((operations & SelectionKey.OP_WRITE) != 0 && plugged.outbox().flush()) {
        plugged.want(SelectionKey.OP_WRITE, false);
      }
      if ((operations & SelectionKey.OP_READ) != 0 && begun != null) {
        // a record of TLS is decrypted only into room for all of it
        ByteBuffer bytes = loop.readBuffer.clear();
        if (plugged.read(bytes) < 0) {
          // before the request was sent, no signal is to come either
          end(true);
        } else if (!sent && begun.received(bytes.flip())) {
          send(plugged);
        }
      }
    } catch (IOException e) {
      close();
    }
  }

  private void send(Plug plugged) throws IOException {
    sent = true;
    // it fits into any socket's buffer
    plugged.outbox().write(request);
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
      done.with(this, certain);
    }
  }
}
