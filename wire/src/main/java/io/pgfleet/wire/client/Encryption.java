package io.pgfleet.wire.client;

import java.io.IOException;
import java.net.Socket;

/**
 * How a connection is encrypted.
 *
 * @param required whether a server without TLS is refused
 */
public record Encryption(boolean required, Handshake handshake) {
  /** Makes an encrypted socket of a plain one that the server is ready to speak TLS on. */
  @FunctionalInterface
  public interface Handshake {
    /**
     * Ends with the handshake.
     *
     * @throws IOException if that fails, or the server's certificate is not as it must be
     */
    Socket over(Socket plain, String host, int port) throws IOException;
  }
}
