package io.pgfleet.consensus;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** A link to a local port that can be frozen in each direction, and cut. */
final class FaultProxy implements AutoCloseable {
  enum Direction {
    TO_SERVER,
    TO_CLIENT
  }

  private final ServerSocket listening;
  private final int target;
  private final Set<Closeable> open = ConcurrentHashMap.newKeySet();
  private final Set<Direction> frozen = ConcurrentHashMap.newKeySet();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition thawed = lock.newCondition();

  FaultProxy(int target) throws IOException {
    this.target = target;
    this.listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  String address() {
    return "127.0.0.1:" + listening.getLocalPort();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listening.accept();
        open.add(client);
        Thread.ofVirtual().start(() -> link(client));
      }
    } catch (IOException ignored) {
      // closed
    }
  }

  private void link(Socket client) {
    try {
      Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
      open.add(server);
      Thread.ofVirtual().start(() -> pump(client, server, Direction.TO_SERVER));
      pump(server, client, Direction.TO_CLIENT);
    } catch (IOException e) {
      drop(client);
    }
  }

  private void pump(Socket from, Socket to, Direction direction) {
    byte[] buffer = new byte[8192];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        awaitThaw(direction);
        out.write(buffer, 0, read);
      }
    } catch (IOException ignored) {
      // the link ends
    }
    drop(from);
    drop(to);
  }

  private void awaitThaw(Direction direction) {
    lock.lock();
    try {
      while (frozen.contains(direction)) {
        thawed.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Holds what goes in this direction; nobody is told. */
  void freeze(Direction direction) {
    frozen.add(direction);
  }

  /** Lets what was held go on. */
  void thaw() {
    lock.lock();
    try {
      frozen.clear();
      thawed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Ends the connections there are; new ones may be made. */
  void cut() {
    open.forEach(this::drop);
  }

  private void drop(Closeable socket) {
    open.remove(socket);
    try {
      socket.close();
    } catch (IOException ignored) {
      // gone is gone
    }
  }

  @Override
  public void close() throws IOException {
    listening.close();
    thaw();
    cut();
  }
}
