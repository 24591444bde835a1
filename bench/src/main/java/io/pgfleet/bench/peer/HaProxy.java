package io.pgfleet.bench.peer;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** HAProxy in TCP mode before another address, with its defaults otherwise. */
final class HaProxy {
  private HaProxy() {}

  /** Its first line is {@code HAProxy version 2.6.12-1+deb12u4 2026/10/17}. */
  static String version(Path program) throws InterruptedException {
    String output = Programs.run(List.of(program.toString(), "-v"), Map.of());
    String[] words = output.strip().split("\\s+");
    return words.length > 2 ? words[2].replaceAll("[-+].*", "") : "unknown";
  }

  static Daemon start(Path program, int port, int behind, int clients, Path within)
      throws InterruptedException {
    Path folder = Daemon.folder(within, "haproxy");
    Path file = Daemon.write(folder, "haproxy.cfg", settings(port, behind, clients));
    return Daemon.start(
        "HAProxy", List.of(program.toString(), "-db", "-f", file.toString()), port, folder);
  }

  static String settings(int port, int behind, int clients) {
    return """
    global
      maxconn %1$d
    defaults
      mode tcp
      timeout connect 10s
      timeout client 10m
      timeout server 10m
    listen bench
      bind 127.0.0.1:%2$d maxconn %1$d backlog 4096
      server one 127.0.0.1:%3$d maxconn %1$d
    """
        .formatted(clients, port, behind);
  }
}
