package io.pgfleet.backup.restore;

import io.pgfleet.backup.Archive;
import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.BackupException.Kind;
import io.pgfleet.backup.base.BackupChain;
import io.pgfleet.backup.base.Backups;
import io.pgfleet.backup.base.Restoration;
import io.pgfleet.backup.wal.WalArchive;
import io.pgfleet.postgres.Role;
import io.pgfleet.postgres.Server;
import io.pgfleet.postgres.ServerConfig;
import io.pgfleet.postgres.StopMode;
import io.pgfleet.postgres.backup.BackupProgress;
import io.pgfleet.postgres.host.FileTrees;
import io.pgfleet.postgres.host.PartialFolder;
import io.pgfleet.postgres.host.Ports;
import io.pgfleet.postgres.host.ServerException;
import io.pgfleet.wire.Lsn;
import io.pgfleet.wire.client.PostgresException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a server from the repository: its files from a base backup, then recovery by WAL up to the
 * moment asked for, after which it is a primary on a timeline of its own.
 *
 * @param threads that fetch the backup
 * @param patience how long a recovery may go on
 */
public record Restoring(Archive archive, WalArchive wal, int threads, Duration patience) {
  private static final Logger log = LoggerFactory.getLogger(Restoring.class);
  private static final int LOG_LINES = 8;
  private static final Duration STOP = Duration.ofSeconds(30);

  /**
   * Puts the backup's files where the server has its data.
   *
   * @param server of a data folder that does not exist yet
   * @throws BackupException if an object is missing or damaged; nothing stands there then
   */
  public void unpack(Server server, RestorePlan plan, Consumer<BackupProgress> progress) {
    Path target = server.data().path();
    try {
      Path parent = target.getParent();
      if (parent != null) {
        Files.createDirectories(parent);
      }
      try (PartialFolder partial = PartialFolder.begin(target, server.user())) {
        BackupChain chain = BackupChain.of(new Backups(archive), plan.backup());
        new Restoration(archive, threads).into(partial.path(), chain, server.user(), progress);
        // A folder that is started by mistake must not be a primary with half of its WAL.
        FileTrees.replace(partial.path().resolve("recovery.signal"), "", server.user());
        partial.complete();
      }
    } catch (IOException e) {
      throw new BackupException(
          Kind.SERVER,
          "The backup can't be restored to " + target + ": " + e.getMessage() + ".",
          "Name a folder that does not exist yet, on a file system with room for it.",
          e);
    }
  }

  /**
   * Starts the server and has it recover. It is a primary when this returns.
   *
   * @param config how it is to run
   * @throws BackupException if WAL is missing or damaged, or the moment was not met
   */
  public void recover(Server server, ServerConfig config, RestorePlan plan, RecoveryTarget target) {
    replayed(server, plan, desk -> replay(server, config, plan, target, desk));
  }

  /** What is done with a server that has paused. */
  public interface Look {
    /** Called when it has let somebody in; that is before it pauses. */
    void into(Server server);
  }

  /**
   * Starts the server, has it recover up to where a position ends and pause there, and stops it
   * after it was looked at. A recovery may go on from there.
   *
   * @param config how it is to run, with a Unix-domain socket
   * @return whether one may; a server that could let nobody in by then goes on as a primary, for it
   *     can't pause (PostgreSQL manual, {@code recovery_target_action})
   * @throws BackupException if WAL is missing or damaged, or the position was not met
   */
  public boolean pause(
      Server server, ServerConfig config, RestorePlan plan, Lsn position, Look look) {
    Map<String, String> settings = new TreeMap<>();
    settings.put("recovery_target_lsn", position.toString());
    settings.put("recovery_target_inclusive", "off"); // a record that begins there is behind it
    settings.put("recovery_target_action", "pause");
    settings.put("recovery_target_timeline", Integer.toString(plan.timeline()));
    replayed(
        server,
        plan,
        desk -> {
          settings.put("restore_command", desk.command());
          server.configure(config.withRole(new Role.Paused(settings)));
          server.start(patience);
          look.into(server);
          server.stop(StopMode.FAST, STOP);
        });
    return Files.exists(server.data().path().resolve("recovery.signal"));
  }

  /**
   * Makes a standby's data of what was unpacked: it has replayed all WAL up to a position, and can
   * start as a standby that gets the rest from another server.
   *
   * @param settings PostgreSQL settings of the fleet
   * @throws BackupException if WAL is missing or damaged; nothing stands there then
   */
  public void standby(Server server, Map<String, String> settings, RestorePlan plan, Lsn position) {
    Path folder = server.data().path();
    boolean made = false;
    try {
      if (!plan.backup().finish().reaches(position)) {
        replayUpTo(server, settings, plan, position);
      }
      FileTrees.replace(folder.resolve("standby.signal"), "", server.user());
      Files.delete(folder.resolve("recovery.signal"));
      made = true;
    } catch (IOException e) {
      throw new BackupException(
          Kind.SERVER,
          "No standby could be made in " + folder + ": " + e.getMessage() + ".",
          "See that it can be written to.",
          e);
    } finally {
      if (!made) {
        discard(folder);
      }
    }
  }

  private void replayUpTo(
      Server server, Map<String, String> settings, RestorePlan plan, Lsn position)
      throws IOException {
    try (PauseSocket socket = PauseSocket.make(server.user())) {
      ServerConfig config =
          ServerConfig.loopback(Ports.free())
              .withUserSettings(settings)
              .withOwnSettings(Map.of("archive_mode", "off"))
              .withSocketFolder(socket.folder());
      boolean goesOn = pause(server, config, plan, position, _ -> arrived(socket, config.port()));
      if (!goesOn) {
        throw new BackupException(
            Kind.SERVER,
            "The recovery in " + server.data().path() + " could not pause at " + position + ".",
            "It would be another line of history; copy it from a server.");
      }
    }
  }

  private static void arrived(PauseSocket socket, int port) {
    try {
      socket.await(port);
    } catch (IOException e) {
      throw new ServerException(
          ServerException.Kind.FAILED,
          "The server ended before its recovery paused: " + e.getMessage(),
          "Look into its log.",
          e);
    } catch (PostgresException e) {
      throw new ServerException(
          ServerException.Kind.FAILED, e.report().message(), "Look into its log.", e);
    }
  }

  private static void discard(Path folder) {
    try {
      FileTrees.delete(folder);
    } catch (IOException e) {
      log.warn("can't delete {}", folder, e);
    }
  }

  /** What a server does that is given WAL. */
  private interface Replay {
    void run(WalDesk desk);
  }

  private void replayed(Server server, RestorePlan plan, Replay replay) {
    if (server.status().isAlive()) {
      throw new BackupException(
          Kind.SERVER,
          "The server in " + server.data().path() + " runs already.",
          "Stop it; a recovery begins with a server that is stopped.");
    }
    Path spool = FileTrees.sibling(server.data().path(), ".wal");
    try {
      FileTrees.delete(spool);
      try (WalDesk desk = new WalDesk(wal, plan, spool, server.user())) {
        boolean done = false;
        try {
          replay.run(desk);
          done = true;
        } catch (ServerException e) {
          throw desk.failure().orElseGet(() -> failed(server, plan, e));
        } finally {
          if (!done) {
            // It would take the end of the desk for the end of WAL, and accept writes.
            server.stop(StopMode.IMMEDIATE, STOP);
          }
        }
      }
    } catch (IOException e) {
      throw new BackupException(
          Kind.SERVER,
          "WAL can't be given to the server through " + spool + ": " + e.getMessage() + ".",
          "Make room there.",
          e);
    }
  }

  /** The server lets clients in when its recovery is over, so its start is the recovery. */
  private void replay(
      Server server, ServerConfig config, RestorePlan plan, RecoveryTarget target, WalDesk desk) {
    Map<String, String> settings = new TreeMap<>(target.settings());
    settings.put("restore_command", desk.command());
    settings.put("recovery_target_timeline", Integer.toString(plan.timeline()));
    settings.put("recovery_target_action", "promote");
    server.configure(config.withRole(new Role.Recovery(settings)));
    server.start(patience);
    server.configure(config.withRole(new Role.Primary()));
    server.reload();
  }

  /** Why a server ended comes before what it did about it. */
  private static List<String> reason(List<String> log) {
    List<String> fatal =
        log.stream().filter(line -> line.contains("FATAL:") || line.contains("PANIC:")).toList();
    return fatal.isEmpty() ? log : fatal;
  }

  private BackupException failed(Server server, RestorePlan plan, ServerException why) {
    if (why.kind() == ServerException.Kind.STILL_WORKING) {
      return new BackupException(
          Kind.SERVER,
          "The recovery took longer than " + patience.toMinutes() + " minutes; it was stopped.",
          "Begin with a newer backup, or allow it more time.",
          why);
    }
    if (why.kind() != ServerException.Kind.FAILED) {
      return new BackupException(Kind.SERVER, String.valueOf(why.getMessage()), why.remedy(), why);
    }
    return new BackupException(
        Kind.SERVER,
        "The server ended before the recovery did: "
            + String.join(" ", reason(server.lastLogLines(LOG_LINES)))
            + plan.missing().map(missing -> " " + missing.sentence()).orElse(""),
        "The moment asked for was not met if it says so; else look into " + server.logFile() + ".",
        why);
  }
}
