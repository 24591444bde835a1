package io.pgfleet.bench.engine.forward;

import io.pgfleet.bench.Target;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

/**
 * What a forwarder is told.
 *
 * @param port to listen on, of 127.0.0.1
 * @param server before which it stands
 * @param servers connections, over all loops
 * @param certificate and key for clients that ask for TLS, as PEM
 */
record Setup(
    Engine engine, int loops, int port, Target server, int servers, Path certificate, Path key) {
  /** A kind of I/O. */
  enum Engine {
    NIO,
    EPOLL,
    IO_URING
  }

  static Setup read(Path file) throws IOException {
    Properties given = new Properties();
    try (Reader reader = Files.newBufferedReader(file)) {
      given.load(reader);
    }
    return new Setup(
        Engine.valueOf(given.getProperty("engine")),
        Integer.parseInt(given.getProperty("loops")),
        Integer.parseInt(given.getProperty("port")),
        new Target(
            "127.0.0.1",
            Integer.parseInt(given.getProperty("server.port")),
            given.getProperty("database"),
            given.getProperty("user"),
            given.getProperty("password")),
        Integer.parseInt(given.getProperty("servers")),
        Path.of(given.getProperty("certificate")),
        Path.of(given.getProperty("key")));
  }
}
