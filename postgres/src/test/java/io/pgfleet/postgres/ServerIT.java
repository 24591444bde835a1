package io.pgfleet.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.postgres.host.ServerUser;
import io.pgfleet.postgres.install.EmbeddedBinaries;
import io.pgfleet.postgres.install.Installation;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ServerIT {
  @Test
  void a_server_is_made_started_seen_and_stopped() throws Exception {
    Path home = Files.createTempDirectory("pgfleet-it");
    Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxr-xr-x"));
    ServerUser user = ServerUser.resolve(Optional.empty());
    long t = System.nanoTime();
    Installation installation = EmbeddedBinaries.unpack(home.resolve("bin"), user);
    t = lap("unpack", t);
    EmbeddedBinaries.unpack(home.resolve("bin"), user);
    t = lap("check", t);
    Server server = new Server(installation, home.resolve("data"), user);
    assertThat(server.status()).isEqualTo(new ServerStatus.NotInitialized());
    server.initialize(Initialization.withPassword("secret"));
    t = lap("initdb", t);
    int port;
    try (ServerSocket socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    server.configure(ServerConfig.loopback(port));
    t = lap("configure", t);
    server.start(Duration.ofSeconds(30));
    t = lap("start", t);
    System.out.println(server.status() + " " + server.data().control());
    server.stop(StopMode.FAST, Duration.ofSeconds(30));
    t = lap("stop", t);
    server.start(Duration.ofSeconds(30));
    t = lap("start", t);
    server.stop(StopMode.IMMEDIATE, Duration.ofSeconds(30));
    t = lap("stop", t);
    server.start(Duration.ofSeconds(30));
    t = lap("start", t);
    System.out.println(server.lastLogLines(100));
    server.stop(StopMode.FAST, Duration.ofSeconds(30));
    server.destroy();
    io.pgfleet.postgres.host.FileTrees.delete(home);
  }

  private static long lap(String what, long since) {
    long now = System.nanoTime();
    System.out.println(what + " " + (now - since) / 1_000_000 + " ms");
    return System.nanoTime();
  }
}
