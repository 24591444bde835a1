package io.pgfleet.consensus;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.zookeeper.server.DatadirCleanupManager;
import org.apache.zookeeper.server.ServerCnxnFactory;
import org.apache.zookeeper.server.ZKDatabase;
import org.apache.zookeeper.server.persistence.FileTxnSnapLog;
import org.apache.zookeeper.server.quorum.QuorumPeer;
import org.apache.zookeeper.server.quorum.QuorumPeer.LearnerType;
import org.apache.zookeeper.server.quorum.QuorumPeer.QuorumServer;
import org.apache.zookeeper.server.quorum.flexible.QuorumMaj;

/**
 * A member of a ZooKeeper ensemble in this JVM. The members elect one that leads; what a majority
 * has on disk is agreed. A member that loses the others serves nobody until it finds them again.
 *
 * <p>Its folder is laid out as {@link EmbeddedConsensus} lays it out. Since a member that comes
 * back under another number could vote twice for one election, its number stands in the folder, and
 * it refuses to start with another.
 */
public final class EnsembleMember implements AutoCloseable {
  /** How many ticks a member may take to find the leader and to fetch what it lacks. */
  private static final int TICKS_TO_JOIN = 40;

  /**
   * How many ticks of silence between the leader and a member end their connection: with the tick a
   * quarter of a lease, a silent leader is replaced before leases that it renewed have run out.
   */
  private static final int TICKS_OF_SILENCE = 2;

  /** ZooKeeper's number for the one kind of election that it still has (fast leader election). */
  private static final int FAST_ELECTION = 3;

  private static final Duration LAST_WORDS = Duration.ofSeconds(5);

  private final StateFolder folder;
  private final FileTxnSnapLog log;
  private final QuorumPeer peer;
  private final DatadirCleanupManager purge;
  private final CompletableFuture<String> failure = new CompletableFuture<>();
  private volatile boolean closing;

  private EnsembleMember(
      StateFolder folder, FileTxnSnapLog log, QuorumPeer peer, DatadirCleanupManager purge) {
    this.folder = folder;
    this.log = log;
    this.peer = peer;
    this.purge = purge;
  }

  /**
   * Starts the member and returns; it serves once a majority of the members has found each other.
   *
   * @param folder where it keeps its state; made if missing, used by one member at a time
   * @throws ConsensusStartException if a port is taken, or the folder can't be used or is another
   *     member's
   */
  public static EnsembleMember start(Path folder, EnsembleSettings settings)
      throws ConsensusStartException {
    EnsembleSettings.Peer self = settings.self();
    StateFolder state = StateFolder.open(folder);
    ServerCnxnFactory port = null;
    boolean started = false;
    try {
      requireNumber(state, settings.number());
      // The server itself tries for ever, without a word to the user.
      for (InetSocketAddress address : List.of(self.clients(), self.quorum(), self.election())) {
        requireFree(address);
      }
      port = ServerProperties.port(settings.tls());
      port.configure(
          self.clients(),
          EmbeddedConsensus.CLIENTS_PER_HOST,
          EmbeddedConsensus.SYSTEM_BACKLOG,
          settings.tls().isPresent());
      FileTxnSnapLog log = new FileTxnSnapLog(state.log().toFile(), state.data().toFile());
      EnsembleMember member =
          new EnsembleMember(state, log, peer(settings, port, log), EmbeddedConsensus.purge(state));
      member.peer.start();
      member.purge.start();
      Thread.ofPlatform().daemon().name("pgfleet-consensus-end").start(member::awaitEnd);
      started = true;
      return member;
    } catch (IOException | RuntimeException e) {
      throw state.unusable(e);
    } finally {
      if (!started) {
        if (port != null) {
          port.shutdown();
        }
        state.close();
      }
    }
  }

  /** The file has ZooKeeper's own name and form for it. */
  private static void requireNumber(StateFolder folder, int number)
      throws IOException, ConsensusStartException {
    Path file = folder.data().resolve("myid");
    try {
      String found = Files.readString(file).strip();
      if (!found.equals(Integer.toString(number))) {
        throw new ConsensusStartException(
            "The state in "
                + folder.path()
                + " is that of member "
                + found
                + " of its ensemble, and this is to be member "
                + number
                + ". Give the members in fleet.yaml the order that they had, or move the folder"
                + " away if this member is to begin anew.",
            null);
      }
    } catch (NoSuchFileException e) {
      Files.createDirectories(folder.data());
      Files.writeString(file, number + "\n");
    }
  }

  private static void requireFree(InetSocketAddress address) throws ConsensusStartException {
    if (address.isUnresolved()) {
      throw new ConsensusStartException(
          "The consensus server's own host "
              + address.getHostString()
              + " has no address. Mend its name, or write its address into fleet.yaml.",
          null);
    }
    try (ServerSocket probe = new ServerSocket()) {
      probe.setReuseAddress(true);
      probe.bind(address);
    } catch (IOException e) {
      throw EmbeddedConsensus.cannotListen(address, e);
    }
  }

  private static QuorumPeer peer(
      EnsembleSettings settings, ServerCnxnFactory port, FileTxnSnapLog log) throws IOException {
    Map<Long, QuorumServer> servers = new HashMap<>();
    settings
        .members()
        .forEach((number, member) ->
            servers.put(
                number.longValue(),
                new QuorumServer(
                    number,
                    member.quorum(),
                    member.election(),
                    member.clients(),
                    LearnerType.PARTICIPANT)));
    int tickMillis = Math.toIntExact(settings.shortestSession().dividedBy(4).toMillis());
    QuorumPeer peer = new QuorumPeer();
    peer.setName("pgfleet-consensus");
    peer.setTxnFactory(log);
    peer.setElectionType(FAST_ELECTION);
    peer.setMyid(settings.number());
    peer.setTickTime(tickMillis);
    peer.setMinSessionTimeout(2 * tickMillis);
    peer.setMaxSessionTimeout(Math.toIntExact(EmbeddedConsensus.LONGEST_SESSION.toMillis()));
    peer.setInitLimit(TICKS_TO_JOIN);
    peer.setSyncLimit(TICKS_OF_SILENCE);
    peer.setZKDatabase(new ZKDatabase(log));
    peer.setQuorumVerifier(new QuorumMaj(servers), false);
    peer.initConfigInZKDatabase();
    if (settings.tls().isPresent()) {
      peer.setSecureCnxnFactory(port);
      peer.setSslQuorum(true);
    } else {
      peer.setCnxnFactory(port);
    }
    peer.setLearnerType(LearnerType.PARTICIPANT);
    peer.setSyncEnabled(true);
    peer.setQuorumListenOnAllIPs(false);
    peer.initialize();
    return peer;
  }

  private void awaitEnd() {
    try {
      peer.join();
      if (!closing) {
        failure.complete(
            "The consensus server ended by itself. Look into the log, and start again.");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Completes with a message for the user if the member ends by itself. */
  public CompletableFuture<String> failure() {
    return failure.copy();
  }

  /** Whether this member leads the ensemble or follows its leader; else it serves nobody. */
  public boolean isServing() {
    return switch (peer.getPeerState()) {
      case LEADING, FOLLOWING, OBSERVING -> peer.getActiveServer() != null;
      case LOOKING -> false;
    };
  }

  /** Whether this member leads the ensemble. */
  public boolean isLeading() {
    return peer.getPeerState() == QuorumPeer.ServerState.LEADING;
  }

  /** Stops serving and closes its files; clients' sessions live on with the other members. */
  @Override
  public void close() {
    closing = true;
    purge.shutdown();
    peer.shutdown();
    try {
      peer.join(LAST_WORDS);
      log.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException ignored) {
      // Everything acknowledged was synced before.
    }
    folder.close();
  }
}
