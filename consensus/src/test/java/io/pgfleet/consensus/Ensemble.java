package io.pgfleet.consensus;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Members of a real ensemble on this machine, in a folder and with ports of their own. */
final class Ensemble implements AutoCloseable {
  /** Longer than an election takes on a busy machine. */
  static final Duration SESSION = Duration.ofSeconds(10);

  private final Path folder;
  private final Map<Integer, EnsembleSettings.Peer> peers = new TreeMap<>();
  private final Map<Integer, EnsembleMember> running = new TreeMap<>();

  Ensemble(Path folder, int members) throws Exception {
    this.folder = folder;
    List<ServerSocket> held = new ArrayList<>();
    for (int i = 0; i < 3 * members; i++) {
      held.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
    }
    for (int i = 0; i < members; i++) {
      peers.put(
          i + 1,
          new EnsembleSettings.Peer(
              address(held.get(3 * i)),
              address(held.get(3 * i + 1)),
              address(held.get(3 * i + 2))));
    }
    for (ServerSocket socket : held) {
      socket.close();
    }
  }

  private static InetSocketAddress address(ServerSocket socket) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), socket.getLocalPort());
  }

  EnsembleMember start(int number) throws ConsensusStartException {
    return start(number, number);
  }

  /** Starts a member with the folder of another, or its own. */
  EnsembleMember start(int number, int folderOf) throws ConsensusStartException {
    EnsembleMember member =
        EnsembleMember.start(
            folder.resolve("m" + folderOf),
            new EnsembleSettings(number, peers, SESSION, Optional.empty()));
    running.put(number, member);
    return member;
  }

  void startAll() throws ConsensusStartException {
    for (int number : peers.keySet()) {
      start(number);
    }
  }

  void stop(int number) {
    EnsembleMember member = running.remove(number);
    if (member != null) {
      member.close();
    }
  }

  /** The number of the member that leads, once there is one. */
  int leader() {
    Fixture.until(() -> running.values().stream().anyMatch(EnsembleMember::isLeading));
    return running.entrySet().stream()
        .filter(entry -> entry.getValue().isLeading())
        .findFirst()
        .orElseThrow()
        .getKey();
  }

  List<Integer> followers() {
    int leader = leader();
    return peers.keySet().stream().filter(number -> number != leader).toList();
  }

  EnsembleMember member(int number) {
    return Optional.ofNullable(running.get(number)).orElseThrow();
  }

  String servers() {
    return peers.values().stream()
        .map(peer -> "127.0.0.1:" + peer.clients().getPort())
        .collect(Collectors.joining(","));
  }

  Agreement open() {
    return Fixture.open(servers(), SESSION, Duration.ofSeconds(20));
  }

  void stopAll() {
    List.copyOf(running.keySet()).forEach(this::stop);
  }

  @Override
  public void close() {
    stopAll();
  }
}
