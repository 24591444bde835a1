package io.pgfleet.bench.engine;

import io.pgfleet.bench.BenchException;
import io.pgfleet.bench.Target;
import io.pgfleet.bench.fleet.LoopbackPorts;
import io.pgfleet.bench.peer.Certificate;
import io.pgfleet.bench.peer.Daemon;
import io.pgfleet.bench.peer.Peer;
import io.pgfleet.bench.peer.PeerKind;
import io.pgfleet.bench.peer.ProcessUse;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;

/** A forwarder for each engine and number of loops, all running at once before one server. */
final class Forwarders implements AutoCloseable {
  private static final List<String> ENGINES = List.of("NIO", "EPOLL", "IO_URING");
  private static final List<String> FLAGS =
      List.of(
          "-XX:+UseSerialGC",
          "-Xms64m",
          "-Xmx256m",
          "-XX:-UsePerfData",
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow");

  private final Deque<Daemon> daemons = new ArrayDeque<>();
  private final List<Peer> peers = new ArrayList<>();

  private Forwarders() {}

  /**
   * Starts them.
   *
   * @param library the folder of their jars
   * @param said gets a sentence for each engine that can't be had here
   */
  static Forwarders start(
      Path library,
      Target server,
      int servers,
      Certificate certificate,
      Path within,
      Consumer<String> said)
      throws InterruptedException {
    if (!Files.isDirectory(library)) {
      throw new BenchException(
          "the forwarders are not built: there is no " + library,
          "mvn -Dquick -DskipTests -pl bench-engine -am package");
    }
    Forwarders forwarders = new Forwarders();
    try {
      for (String engine : ENGINES) {
        for (int loops = 1; loops <= 2; loops++) {
          try {
            forwarders.add(engine, loops, library, server, servers, certificate, within);
          } catch (BenchException e) {
            said.accept(title(engine, loops) + " is left out: " + e.getMessage());
          }
        }
      }
      return forwarders;
    } catch (RuntimeException | InterruptedException e) {
      forwarders.close();
      throw e;
    }
  }

  private static String title(String engine, int loops) {
    String name =
        switch (engine) {
          case "EPOLL" -> "Netty epoll";
          case "IO_URING" -> "Netty io_uring";
          default -> "plain NIO";
        };
    return name + ", " + loops + (loops == 1 ? " loop" : " loops");
  }

  private void add(
      String engine,
      int loops,
      Path library,
      Target server,
      int servers,
      Certificate certificate,
      Path within)
      throws InterruptedException {
    int port = LoopbackPorts.free(1).getFirst();
    Path folder = Daemon.folder(within, "forward-" + engine + "-" + loops);
    Path file =
        Daemon.write(
            folder,
            "settings.properties",
            """
            engine=%s
            loops=%d
            port=%d
            server.port=%d
            database=%s
            user=%s
            password=%s
            servers=%d
            certificate=%s
            key=%s
            """
                .formatted(
                    engine,
                    loops,
                    port,
                    server.port(),
                    server.database(),
                    server.user(),
                    server.password(),
                    servers,
                    certificate.certificate(),
                    certificate.key()));
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(FLAGS);
    command.addAll(List.of("-cp", library + File.separator + "*"));
    command.addAll(List.of("io.pgfleet.bench.engine.forward.Forwarder", file.toString()));
    Daemon daemon = Daemon.start(title(engine, loops), command, port, folder);
    daemons.push(daemon);
    peers.add(
        new Peer(
            PeerKind.GATEWAY,
            title(engine, loops),
            port,
            List.of(new ProcessUse(daemon.pid(), false)),
            true,
            true));
  }

  List<Peer> peers() {
    return List.copyOf(peers);
  }

  @Override
  public void close() {
    while (!daemons.isEmpty()) {
      daemons.pop().close();
    }
  }
}
