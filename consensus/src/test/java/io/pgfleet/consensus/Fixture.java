package io.pgfleet.consensus;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** A real server in a folder, and ways to it. */
final class Fixture implements AutoCloseable {
  static final String SECRET = "of-the-tests-9f2c";

  /** Longer than a busy machine lets a process wait; a session that is to be lost takes as long. */
  static final Duration SESSION = Duration.ofSeconds(6);

  private static final Duration CALL = Duration.ofSeconds(15);

  private final Path folder;
  private final int port;
  private EmbeddedConsensus server;

  Fixture(Path folder) throws Exception {
    this(folder, freePort());
  }

  Fixture(Path folder, int port) throws Exception {
    this.folder = folder;
    this.port = port;
    this.server = start();
  }

  private EmbeddedConsensus start() throws ConsensusStartException {
    return EmbeddedConsensus.start(
        folder, new InetSocketAddress(InetAddress.getLoopbackAddress(), port), SESSION);
  }

  static int freePort() throws Exception {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  int port() {
    return port;
  }

  EmbeddedConsensus server() {
    return server;
  }

  void stop() {
    server.close();
  }

  void startAgain() throws Exception {
    server = start();
  }

  Agreement open() {
    return open(server.servers());
  }

  static Agreement open(String servers) {
    return open(servers, SESSION, CALL);
  }

  static Agreement open(String servers, Duration session, Duration callLimit) {
    return ZooKeeperAgreement.open(
        new AgreementSettings(
            servers, "/pgfleet", SECRET, session, callLimit, true, false, Optional.empty()),
        Ticker.system());
  }

  /** Waits for what must come; the limit only ends a test that has failed. */
  static void until(BooleanSupplier condition) {
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("gave up waiting").isLessThan(end);
      LockSupport.parkNanos(5_000_000);
    }
  }

  @Override
  public void close() {
    server.close();
  }
}
