package io.pgfleet.consensus;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Three ZooKeeper servers as somebody else runs them: ZooKeeper's own program, each in a process of
 * its own with a zoo.cfg, and with one port in clear text and one for TLS.
 */
final class ForeignServers implements AutoCloseable {
  private static final int COUNT = 3;

  private final Path folder;
  private final TestCertificates certificates;
  private final Map<Integer, Process> running = new HashMap<>();
  private final int[] ports = new int[4 * COUNT];

  ForeignServers(Path folder, TestCertificates certificates) throws Exception {
    this.folder = folder;
    this.certificates = certificates;
    List<ServerSocket> held = new ArrayList<>(); // until all are known, or one could come twice
    for (int i = 0; i < ports.length; i++) {
      held.add(new ServerSocket(0));
      ports[i] = held.get(i).getLocalPort();
    }
    for (ServerSocket socket : held) {
      socket.close();
    }
    for (int number = 1; number <= COUNT; number++) {
      start(number);
    }
  }

  private int port(int number, int which) {
    return ports[4 * (number - 1) + which];
  }

  /** Starts one, as what it was if it ran before. */
  void start(int number) throws IOException {
    Path data = Files.createDirectories(folder.resolve("zk" + number));
    Files.writeString(data.resolve("myid"), number + "\n");
    Path config = Files.writeString(data.resolve("zoo.cfg"), config(number, data));
    List<String> command =
        new ArrayList<>(
            List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx96m",
                "-cp",
                System.getProperty("java.class.path"),
                "org.apache.zookeeper.server.quorum.QuorumPeerMain",
                config.toString()));
    running.put(
        number,
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(data.resolve("out").toFile())
            .start());
  }

  private String config(int number, Path data) {
    StringBuilder text =
        new StringBuilder(
            """
            tickTime=500
            initLimit=20
            syncLimit=10
            dataDir=%s
            clientPort=%d
            clientPortAddress=127.0.0.1
            secureClientPort=%d
            secureClientPortAddress=127.0.0.1
            serverCnxnFactory=org.apache.zookeeper.server.NettyServerCnxnFactory
            authProvider.x509=org.apache.zookeeper.server.auth.X509AuthenticationProvider
            ssl.keyStore.location=%s
            ssl.keyStore.type=PEM
            ssl.trustStore.location=%s
            ssl.trustStore.type=PEM
            ssl.clientAuth=need
            admin.enableServer=false
            """
                .formatted(
                    data,
                    port(number, 0),
                    port(number, 1),
                    certificates.identity("server"),
                    certificates.authority("client")));
    for (int other = 1; other <= COUNT; other++) {
      text.append("server.%d=127.0.0.1:%d:%d\n".formatted(other, port(other, 2), port(other, 3)));
    }
    return text.toString();
  }

  void kill(int number) {
    Process process = running.remove(number);
    if (process != null) {
      process.destroyForcibly().onExit().join();
    }
  }

  /** One of them in clear text. */
  String plain(int number) {
    return "127.0.0.1:" + port(number, 0);
  }

  /** All of them in clear text. */
  String plain() {
    return addresses(0, "127.0.0.1");
  }

  /** All of them by TLS. */
  String secure() {
    return addresses(1, "127.0.0.1");
  }

  /** The same under a name that their certificate does not have. */
  String secureUnderAnotherName() {
    return addresses(1, "localhost");
  }

  private String addresses(int which, String host) {
    return java.util.stream.IntStream.rangeClosed(1, COUNT)
        .mapToObj(number -> host + ":" + port(number, which))
        .collect(Collectors.joining(","));
  }

  @Override
  public void close() {
    for (int number = 1; number <= COUNT; number++) {
      kill(number);
    }
  }
}
