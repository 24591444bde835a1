package io.pgfleet.wire.client;

import java.io.Closeable;
import java.io.IOException;
import java.net.Socket;

/**
 * A TCP connection, with TLS over it or not. It is closed below TLS and at once: JDK's TLS sockets
 * wait for a last byte of the other end when they are closed, as long as for any other, and for a
 * thread that reads; a server that stands still never sends it. PostgreSQL has its own goodbye.
 *
 * @param plain the connection itself
 * @param socket what is read and written: the same, or TLS over it
 */
record Line(Socket plain, Socket socket) implements Closeable {
  @Override
  public void close() throws IOException {
    plain.close();
  }
}
