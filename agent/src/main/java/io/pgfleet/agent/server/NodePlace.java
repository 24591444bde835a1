package io.pgfleet.agent.server;

import io.pgfleet.postgres.Server;
import io.pgfleet.postgres.ServerConfig;
import io.pgfleet.postgres.ServerTls;
import io.pgfleet.postgres.backup.ArchiveCommand;
import io.pgfleet.postgres.backup.BaseBackup;
import io.pgfleet.spec.BackupSpec;
import io.pgfleet.spec.GroupSpec;
import io.pgfleet.spec.NodeSpec;
import io.pgfleet.wire.client.ConnectSettings;
import io.pgfleet.wire.client.Encryption;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Where a node's server is and what it is to hold.
 *
 * @param server its data folder and programs
 * @param settings PostgreSQL settings of fleet.yaml
 * @param tls the files of this host; with them nothing between hosts is in clear text
 * @param backup of the fleet; {@link BackupSpec#NONE} if nothing is backed up
 * @param origin where a standby's data comes from if it can; else from a server
 */
public record NodePlace(
    NodeSpec node,
    GroupSpec group,
    Server server,
    Map<String, String> settings,
    RolesAndDatabases wanted,
    Optional<ServerTls> tls,
    BackupSpec backup,
    Optional<StandbyOrigin> origin) {
  /** sun_path of unix(7) has 108 bytes, and the server adds a suffix for its lock file. */
  private static final int LONGEST_SOCKET = 100;

  /** PostgreSQL's own default for what it notes of that. */
  private static final Duration KEPT = Duration.ofDays(10);

  /** Without TLS and backups. */
  public NodePlace(
      NodeSpec node,
      GroupSpec group,
      Server server,
      Map<String, String> settings,
      RolesAndDatabases wanted) {
    this(
        node, group, server, settings, wanted, Optional.empty(), BackupSpec.NONE, Optional.empty());
  }

  /** Defaults of ours that suit replicas that fail over; a fleet's settings replace them. */
  private Map<String, String> defaults() {
    Map<String, String> defaults = new LinkedHashMap<>();
    defaults.put("cluster_name", node.name().value());
    // A standby that waits for its next primary looks again this often.
    defaults.put("wal_retrieve_retry_interval", "100ms");
    defaults.put("wal_receiver_status_interval", "1s");
    defaults.put("wal_receiver_timeout", "10s");
    defaults.put("wal_sender_timeout", "10s");
    defaults.put("hot_standby_feedback", "on");
    // A standby that stays away must not fill the primary's disk; it is made anew when it returns.
    defaults.put("max_slot_wal_keep_size", "8GB");
    defaults.put("log_line_prefix", "%m [%p] %q%u@%d ");
    defaults.put("log_checkpoints", "off");
    if (!backup.repositories().isEmpty()
        && server.installation().majorVersion() >= BaseBackup.FIRST_INCREMENTAL) {
      // An incremental backup needs them from the backup before on, which may have been missed.
      Duration thrice = backup.every().multipliedBy(3);
      Duration kept = thrice.compareTo(KEPT) > 0 ? thrice : KEPT;
      defaults.put("summarize_wal", "on");
      defaults.put("wal_summary_keep_time", kept.toMinutes() + "min");
    }
    if (archiveCommand().isPresent()) {
      // What a server that is lost may take along.
      defaults.put("archive_timeout", "60s");
    }
    return defaults;
  }

  /**
   * The command by which the server hands its WAL over; none if it is streamed, or not backed up.
   */
  public Optional<ArchiveCommand> archiveCommand() {
    return backup.wal() == BackupSpec.Wal.ARCHIVE_COMMAND && !backup.repositories().isEmpty()
        ? Optional.of(ArchiveCommand.of(server.data().path()))
        : Optional.empty();
  }

  /**
   * Settings of ours that the fleet's do not replace. Standbys archive, too: a new primary would
   * hand over only what it writes itself, and what the lost one had not handed over would be
   * missing.
   */
  Map<String, String> archiving() {
    return archiveCommand()
        .map(command ->
            Map.of(
                "archive_mode", "always",
                "archive_command", command.value(),
                "archive_library", ""))
        .orElse(Map.of());
  }

  /** The configuration with these settings of the user. */
  ServerConfig config(Map<String, String> userSettings) {
    Map<String, String> user = defaults();
    userSettings.forEach((name, value) -> user.put(name.toLowerCase(Locale.ROOT), value));
    return new ServerConfig(
        node.address().port(),
        List.of(node.address().host()),
        node.address().isLoopback() ? List.of() : List.of(tls.isPresent() ? "all" : "samenet"),
        socket().map(Path::getParent),
        new io.pgfleet.postgres.Role.Primary(),
        user,
        Map.of(),
        tls);
  }

  /**
   * The server's Unix-domain socket, in its data folder, which only its own user and root can
   * enter: the shortest way for what runs on the same machine. A folder with too long a name has
   * none.
   */
  public Optional<Path> socket() {
    Path file = server.data().path().toAbsolutePath().resolve(".s.PGSQL." + node.address().port());
    return file.toString().getBytes(StandardCharsets.UTF_8).length <= LONGEST_SOCKET
        ? Optional.of(file)
        : Optional.empty();
  }

  ConnectSettings ownSession() {
    return access().session();
  }

  /** How the node's server is spoken to. */
  public ServerAccess access() {
    return new ServerAccess(node, wanted.accounts().superuserPassword(), tls);
  }

  /** One that waits as long for a log-in as for any other answer. */
  ConnectSettings patientSession() {
    return ownSession().withTimeouts(ServerAccess.ANSWER, ServerAccess.ANSWER);
  }

  /** A session with the node's own server, for work that is not an agent's. */
  public ConnectSettings session(String database, String user, String password) {
    return ownSession()
        .withDatabase(database)
        .withUser(user, Optional.of(password))
        .withTimeouts(ServerAccess.CONNECT, Duration.ZERO);
  }

  /** Gives a running server the host's certificate as it is now. */
  public void renewTls() {
    server.renewTls(tls);
  }

  /** How the servers of the group are spoken to. */
  Optional<Encryption> encryption() {
    return access().encryption();
  }
}
