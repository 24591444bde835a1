package io.pgfleet.consensus;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.zookeeper.server.DatadirCleanupManager;
import org.apache.zookeeper.server.ServerCnxnFactory;
import org.apache.zookeeper.server.persistence.FileTxnSnapLog;

/**
 * A ZooKeeper server in this JVM, alone (no ensemble). What it acknowledged is on disk, so it
 * survives a restart and a kill. Clients use it through {@link ZooKeeperAgreement} as any other.
 *
 * <p>It answers the commands {@code ruok} and {@code srvr} on its port to anybody who reaches it,
 * has no administration page and registers nothing with JMX. Its folder is laid out as a member of
 * an ensemble lays it out: {@code data} holds snapshots, {@code log} the transaction log.
 */
public final class EmbeddedConsensus implements AutoCloseable {
  static final int CLIENTS_PER_HOST = 1000;
  static final int SYSTEM_BACKLOG = -1;
  static final Duration LONGEST_SESSION = Duration.ofMinutes(10);
  private static final int SNAPSHOTS_KEPT = 3;
  private static final int HOURS_BETWEEN_PURGES = 1;

  private final StateFolder folder;
  private final CompletableFuture<String> failure = new CompletableFuture<>();
  private final InetSocketAddress address;
  private final ServerCnxnFactory port;
  private final FileTxnSnapLog log;
  private final StandaloneServer server;
  private final DatadirCleanupManager purge;

  private EmbeddedConsensus(
      StateFolder folder, InetSocketAddress address, ServerCnxnFactory port, Duration tick)
      throws IOException {
    this.folder = folder;
    this.address = address;
    this.port = port;
    this.log = new FileTxnSnapLog(folder.log().toFile(), folder.data().toFile());
    int tickMillis = Math.toIntExact(tick.toMillis());
    this.server =
        new StandaloneServer(
            log,
            tickMillis,
            2 * tickMillis,
            Math.toIntExact(LONGEST_SESSION.toMillis()),
            this::failed);
    this.purge = purge(folder);
  }

  static DatadirCleanupManager purge(StateFolder folder) {
    return new DatadirCleanupManager(
        folder.data().toFile(), folder.log().toFile(), SNAPSHOTS_KEPT, HOURS_BETWEEN_PURGES);
  }

  static void requireSession(Duration shortest) {
    if (shortest.compareTo(Duration.ofSeconds(1)) < 0) {
      throw new IllegalArgumentException("sessions need a second or more: " + shortest);
    }
  }

  static ConsensusStartException cannotListen(InetSocketAddress address, IOException cause) {
    return new ConsensusStartException(
        "The consensus server can't listen on "
            + text(address)
            + ": "
            + cause.getMessage()
            + ". Stop the program that uses this port, or choose another address.",
        cause);
  }

  /**
   * Starts the server; when this returns it answers.
   *
   * @param folder where it keeps its state; made if missing, used by one server at a time
   * @param address where it listens; a single local address, never all of them
   * @param shortestSession the shortest session timeout that will be asked for, from 1 s up: the
   *     server's tick is a quarter of it
   * @throws ConsensusStartException if the port is taken, or the folder can't be used
   */
  public static EmbeddedConsensus start(
      Path folder, InetSocketAddress address, Duration shortestSession)
      throws ConsensusStartException {
    return start(folder, address, shortestSession, Optional.empty());
  }

  /** The same with TLS, if its files are given. */
  public static EmbeddedConsensus start(
      Path folder, InetSocketAddress address, Duration shortestSession, Optional<TlsFiles> tls)
      throws ConsensusStartException {
    if (address.isUnresolved() || address.getAddress().isAnyLocalAddress()) {
      throw new IllegalArgumentException("not a single address to listen on: " + address);
    }
    requireSession(shortestSession);
    StateFolder state = StateFolder.open(folder);
    ServerCnxnFactory port = null;
    boolean started = false;
    try {
      port = ServerProperties.port(tls);
      port.configure(address, CLIENTS_PER_HOST, SYSTEM_BACKLOG, tls.isPresent());
      EmbeddedConsensus consensus =
          new EmbeddedConsensus(state, address, port, shortestSession.dividedBy(4));
      port.startup(consensus.server);
      consensus.purge.start();
      started = true;
      return consensus;
    } catch (BindException e) {
      throw cannotListen(address, e);
    } catch (IOException | ServerProperties.ExitRequested e) {
      throw state.unusable(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ConsensusStartException("The start was interrupted. Start again.", e);
    } finally {
      if (!started) {
        if (port != null) {
          port.shutdown();
        }
        state.close();
      }
    }
  }

  private static String text(InetSocketAddress address) {
    return address.getHostString() + ":" + address.getPort();
  }

  /** Where clients connect: {@link AgreementSettings#servers}. */
  public String servers() {
    String host = address.getAddress().getHostAddress();
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port.getLocalPort();
  }

  /**
   * Completes with a message for the user if the server ends by itself, as it does when it can't
   * write to its folder. It has then stopped serving; close it, mend the cause and start anew.
   */
  public CompletableFuture<String> failure() {
    return failure.copy();
  }

  private void failed() {
    // Clients must see their connections end. Not on this thread, which is one of the server's.
    Thread.ofPlatform().daemon().name("pgfleet-consensus-failed").start(this::fail);
  }

  private void fail() {
    port.shutdown();
    failure.complete(
        "The consensus server stopped because it could not write to "
            + folder.path()
            + ". Make room on that disk or mend it, and start again.");
  }

  /** Stops serving and closes its files; clients' sessions live on until they time out. */
  @Override
  public void close() {
    purge.shutdown();
    port.shutdown();
    server.shutdown(true);
    try {
      log.close();
    } catch (IOException ignored) {
      // Everything acknowledged was synced before.
    }
    folder.close();
  }
}
