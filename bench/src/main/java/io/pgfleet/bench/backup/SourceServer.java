package io.pgfleet.bench.backup;

import io.pgfleet.bench.fleet.LoopbackPorts;
import io.pgfleet.bench.peer.ProcessUse;
import io.pgfleet.postgres.Initialization;
import io.pgfleet.postgres.Role;
import io.pgfleet.postgres.Server;
import io.pgfleet.postgres.ServerConfig;
import io.pgfleet.postgres.ServerStatus;
import io.pgfleet.postgres.StopMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The server that both sides back up. Its pages have checksums, it archives its WAL by whatever
 * command is wanted at the moment, and it writes nothing unasked.
 */
final class SourceServer implements AutoCloseable {
  /** Archives nothing, and says that it did. */
  static final String NO_ARCHIVE = "true";

  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Duration LAST_SEGMENT = Duration.ofMillis(300);

  /** WAL, which both sides treat by themselves, and the server's own log. */
  private static final Set<String> NO_DATA = Set.of("pg_wal", "log");

  private final Server server;
  private final Path sockets;
  private final Sql sql;

  private SourceServer(Server server, Path sockets, Sql sql) {
    this.server = server;
    this.sockets = sockets;
    this.sql = sql;
  }

  /** Makes a new one and starts it. */
  static SourceServer start(Place place) {
    Server server =
        new Server(place.installation(), place.folder().resolve("source"), place.user());
    Sql sql = new Sql(LoopbackPorts.free(1).getFirst());
    SourceServer made = new SourceServer(server, place.folder("socket"), sql);
    server.initialize(Initialization.withPassword(Sql.PASSWORD));
    server.configure(made.config(NO_ARCHIVE));
    server.start(PATIENCE);
    return made;
  }

  private ServerConfig config(String archiveCommand) {
    return new ServerConfig(
        sql.port(),
        List.of("127.0.0.1"),
        List.of(),
        Optional.of(sockets),
        new Role.Primary(),
        Map.of(
            "archive_mode",
            "on",
            "archive_command",
            archiveCommand,
            // Else pages would change, and processor time go, in some rounds and not in others.
            "autovacuum",
            "off"),
        Map.of());
  }

  Sql sql() {
    return sql;
  }

  Path data() {
    return server.data().path();
  }

  Path sockets() {
    return sockets;
  }

  /** The cluster's system identifier. */
  long system() {
    return server.data().control().systemIdentifier();
  }

  /** Bytes of the files that a backup is about. */
  long bytes() {
    return Place.bytes(data(), NO_DATA::contains);
  }

  /** Has it archive by another command from now on. */
  void archiveBy(String command) throws InterruptedException {
    server.configure(config(command));
    server.reload();
    while (!sql.ask("SHOW archive_command").equals(command)) {
      Thread.sleep(10);
    }
  }

  /**
   * Processor time so far.
   *
   * @param server of the server's own processes
   * @param archiving of the commands that it archived by
   */
  record Processor(Duration server, Duration archiving) {
    Processor since(Processor before) {
      return new Processor(server.minus(before.server), archiving.minus(before.archiving));
    }
  }

  /** What it has used, once it has archived what a backup has left to be. */
  Processor processor() throws InterruptedException {
    Thread.sleep(LAST_SEGMENT);
    Duration archiving = archiver().map(ProcessUse::ofEndedChildren).orElse(Duration.ZERO);
    return new Processor(used(server).minus(archiving), archiving);
  }

  /** All that a server's processes, also those that have ended, have used since it started. */
  static Duration used(Server server) {
    return server.status() instanceof ServerStatus.Running running
        ? new ProcessUse(running.pid(), true).processor().orElse(Duration.ZERO)
        : Duration.ZERO;
  }

  private Optional<Long> archiver() {
    if (!(server.status() instanceof ServerStatus.Running running)) {
      return Optional.empty();
    }
    return ProcessHandle.of(running.pid()).stream()
        .flatMap(ProcessHandle::children)
        .map(ProcessHandle::pid)
        .filter(SourceServer::isArchiver)
        .findFirst();
  }

  private static boolean isArchiver(long pid) {
    try {
      return Files.readString(Path.of("/proc", Long.toString(pid), "cmdline"))
          .startsWith("postgres: archiver");
    } catch (IOException e) {
      return false; // it has ended
    }
  }

  @Override
  public void close() {
    server.stop(StopMode.IMMEDIATE, PATIENCE);
  }
}
