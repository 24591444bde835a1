package io.pgfleet.wire.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A throw-away cluster of an installed PostgreSQL, with SCRAM for user {@code tester}. */
final class InstalledPostgres {
  static final String PASSWORD = "pässwörd '\" 1";

  private final Path folder;
  private final Path binaries;
  private final int port;

  private InstalledPostgres(Path folder, Path binaries, int port) {
    this.folder = folder;
    this.binaries = binaries;
    this.port = port;
  }

  /** The newest installed one's binaries, in Debian's place. */
  static Optional<Path> binaries() {
    Path versions = Path.of("/usr/lib/postgresql");
    if (!Files.isDirectory(versions)) {
      return Optional.empty();
    }
    try (Stream<Path> found = Files.list(versions)) {
      return found
          .map(version -> version.resolve("bin"))
          .filter(bin -> Files.isExecutable(bin.resolve("initdb")))
          .max(Comparator.naturalOrder());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  static InstalledPostgres start(Path binaries) throws Exception {
    Path folder = Files.createTempDirectory("pgfleet-wire-it");
    if (root()) {
      run(List.of("chown", "postgres", folder.toString()));
    }
    Path passwordFile = folder.resolve("password");
    Files.write(passwordFile, List.of(PASSWORD), UTF_8);
    Path data = folder.resolve("data");
    runAsServer(
        binaries.resolve("initdb").toString(),
        "-D",
        data.toString(),
        "-U",
        "tester",
        "-A",
        "scram-sha-256",
        "--pwfile=" + passwordFile,
        "-E",
        "UTF8",
        "--locale=C.UTF-8",
        "--no-sync");
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    runAsServer(
        binaries.resolve("pg_ctl").toString(),
        "-D",
        data.toString(),
        "-w",
        "-s",
        "-l",
        folder.resolve("log").toString(),
        "-o",
        "-p "
            + port
            + " -c listen_addresses=127.0.0.1 -c fsync=off -c unix_socket_directories="
            + folder,
        "start");
    return new InstalledPostgres(folder, binaries, port);
  }

  ConnectSettings settings() {
    return ConnectSettings.of("127.0.0.1", port, "postgres", "tester")
        .withPassword(PASSWORD)
        .withTimeouts(Duration.ofSeconds(30), Duration.ofSeconds(60));
  }

  void stop() throws Exception {
    runAsServer(
        binaries.resolve("pg_ctl").toString(),
        "-D",
        folder.resolve("data").toString(),
        "-w",
        "-s",
        "-m",
        "immediate",
        "stop");
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }

  private static boolean root() {
    return "root".equals(System.getProperty("user.name"));
  }

  private static void runAsServer(String... command) throws Exception {
    List<String> whole = new ArrayList<>();
    if (root()) {
      whole.addAll(List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"));
    }
    whole.addAll(List.of(command));
    run(whole);
  }

  private static void run(List<String> command) throws Exception {
    Path output = Files.createTempFile("pgfleet-wire-it", ".out");
    Process process =
        new ProcessBuilder(command)
            .directory(Path.of("/").toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    boolean ended = process.waitFor(120, TimeUnit.SECONDS);
    String said = Files.readString(output, UTF_8);
    Files.delete(output);
    if (!ended || process.exitValue() != 0) {
      process.destroyForcibly();
      throw new IllegalStateException(command + " failed: " + said);
    }
  }
}
