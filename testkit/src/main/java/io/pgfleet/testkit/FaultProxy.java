package io.pgfleet.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A TCP proxy on 127.0.0.1 that does harm between a client and a server: each direction can be
 * delayed, frozen or have bytes changed, and all connections can be cut or refused. Faults hold for
 * connections that are open and for later ones.
 */
public final class FaultProxy implements AutoCloseable {
  private static final int CONNECT_MILLIS = 5000;

  private final ServerSocket listener;
  private final InetSocketAddress target;
  private final Faults toServer = new Faults();
  private final Faults toClient = new Faults();
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private volatile boolean refusing;
  private volatile boolean closed;

  private FaultProxy(ServerSocket listener, InetSocketAddress target) {
    this.listener = listener;
    this.target = target;
  }

  /** A proxy before a server on this machine, listening on a port of its own. */
  public static FaultProxy before(int port) {
    try {
      InetAddress loopback = InetAddress.getLoopbackAddress();
      ServerSocket listener = new ServerSocket();
      listener.bind(new InetSocketAddress(loopback, 0));
      FaultProxy proxy = new FaultProxy(listener, new InetSocketAddress(loopback, port));
      Thread.ofVirtual().name("fault-proxy-accept").start(proxy::accept);
      return proxy;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where clients connect. */
  public int port() {
    return listener.getLocalPort();
  }

  /** What happens to bytes on their way to the server. */
  public Faults toServer() {
    return toServer;
  }

  /** What happens to bytes on their way to the client. */
  public Faults toClient() {
    return toClient;
  }

  /** Closes all connections with a reset, as the end of a host or a firewall does. */
  public void cut() {
    for (Socket socket : sockets) {
      try {
        socket.setOption(StandardSocketOptions.SO_LINGER, 0);
        socket.close();
      } catch (IOException ignored) {
        // closed already
      }
    }
    sockets.clear();
  }

  /** Closes new connections at once, or lets them through again. */
  public void refuse(boolean refuse) {
    refusing = refuse;
  }

  /** How many connections are open. */
  public int connections() {
    return sockets.size() / 2;
  }

  private void accept() {
    while (!closed) {
      try {
        Socket client = listener.accept();
        if (refusing) {
          client.close();
        } else {
          Thread.ofVirtual().name("fault-proxy-open").start(() -> open(client));
        }
      } catch (IOException e) {
        if (closed) {
          return;
        }
      }
    }
  }

  private void open(Socket client) {
    Socket server = new Socket();
    try {
      server.connect(target, CONNECT_MILLIS);
      client.setTcpNoDelay(true);
      server.setTcpNoDelay(true);
    } catch (IOException e) {
      end(client, server);
      return;
    }
    sockets.add(client);
    sockets.add(server);
    Runnable end = () -> end(client, server);
    new FaultPump(client, server, toServer, end).start();
    new FaultPump(server, client, toClient, end).start();
    if (closed) {
      end.run();
    }
  }

  private void end(Socket client, Socket server) {
    sockets.remove(client);
    sockets.remove(server);
    for (Socket socket : new Socket[] {client, server}) {
      try {
        socket.close();
      } catch (IOException ignored) {
        // closed already
      }
    }
  }

  /** Cuts all connections and stops listening. */
  @Override
  public void close() {
    closed = true;
    toServer.heal();
    toClient.heal();
    try {
      listener.close();
    } catch (IOException ignored) {
      // closed already
    }
    cut();
  }
}
