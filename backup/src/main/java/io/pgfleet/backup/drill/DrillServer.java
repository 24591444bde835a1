package io.pgfleet.backup.drill;

import io.pgfleet.postgres.Server;
import io.pgfleet.postgres.ServerConfig;
import io.pgfleet.postgres.StopMode;
import io.pgfleet.postgres.host.FileTrees;
import io.pgfleet.postgres.host.Ports;
import io.pgfleet.postgres.host.ServerUser;
import io.pgfleet.postgres.install.Installation;
import io.pgfleet.wire.client.ConnectSettings;
import io.pgfleet.wire.scram.ScramVerifier;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The throw-away server of a drill: on a free port of the loopback address, gone with the drill.
 */
final class DrillServer implements AutoCloseable {
  private static final String PREFIX = "drill-";
  private static final Duration STOP = Duration.ofSeconds(60);
  private static final String SUPERUSER = "postgres";

  private final Path folder;
  private final Server server;
  private final Map<String, String> settings;
  private final int port;
  private final String password = HexFormat.of().formatHex(random());

  private DrillServer(Path folder, Server server, Map<String, String> settings, int port) {
    this.folder = folder;
    this.server = server;
    this.settings = settings;
    this.port = port;
  }

  private static byte[] random() {
    byte[] bytes = new byte[16];
    new SecureRandom().nextBytes(bytes);
    return bytes;
  }

  /**
   * Makes room for one, and removes what a drill has left that was killed.
   *
   * @param user's settings of the fleet: the WAL may need libraries that are named there
   */
  static DrillServer prepare(
      Path scratch, Installation installation, ServerUser user, Map<String, String> fleet)
      throws IOException {
    Files.createDirectories(scratch);
    removeLeftovers(scratch, installation, user);
    Path folder = scratch.resolve(PREFIX + ProcessHandle.current().pid() + "-" + System.nanoTime());
    FileTrees.createPrivateFolder(folder, user);
    Map<String, String> settings = new TreeMap<>(fleet);
    // It stands beside servers that need the memory more.
    settings.put("shared_buffers", "64MB");
    settings.put("huge_pages", "off");
    settings.put("max_parallel_workers", "0");
    settings.put("autovacuum", "off");
    settings.put("fsync", "off");
    settings.put("full_page_writes", "off");
    return new DrillServer(
        folder, new Server(installation, folder.resolve("data"), user), settings, Ports.free());
  }

  private static void removeLeftovers(Path scratch, Installation installation, ServerUser user)
      throws IOException {
    try (DirectoryStream<Path> found = Files.newDirectoryStream(scratch, PREFIX + "*-*")) {
      for (Path left : found) {
        String[] words = left.getFileName().toString().split("-", 3);
        boolean ours = words.length == 3 && words[1].matches("[0-9]{1,10}");
        if (ours && ProcessHandle.of(Long.parseLong(words[1])).isEmpty()) {
          new Server(installation, left.resolve("data"), user).stop(StopMode.IMMEDIATE, STOP);
          FileTrees.delete(left);
        }
      }
    }
  }

  Server server() {
    return server;
  }

  /** How it runs. */
  ServerConfig config() {
    return ServerConfig.loopback(port)
        .withUserSettings(settings)
        .withOwnSettings(Map.of("archive_mode", "off"));
  }

  /** Starts it for questions, with a password that nobody else has. */
  void open(Duration patience) {
    server.stop(StopMode.FAST, STOP);
    server.runAlone(
        "postgres",
        List.of(
            "alter role %s login superuser password '%s'"
                .formatted(SUPERUSER, ScramVerifier.fresh(password).text())));
    server.configure(config());
    server.start(patience);
  }

  /** A session as the superuser. */
  ConnectSettings session(String database) {
    return ConnectSettings.of("127.0.0.1", port, database, SUPERUSER)
        .withPassword(password)
        .withParameter("application_name", "pgfleet drill");
  }

  @Override
  public void close() throws IOException {
    server.stop(StopMode.IMMEDIATE, STOP);
    FileTrees.delete(folder);
  }
}
