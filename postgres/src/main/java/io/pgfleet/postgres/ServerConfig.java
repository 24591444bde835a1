package io.pgfleet.postgres;

import io.pgfleet.postgres.host.ServerException;
import io.pgfleet.postgres.host.ServerException.Kind;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * All that pgfleet decides about a server's configuration.
 *
 * <p>Who wins, from the weakest: PostgreSQL's defaults and {@code postgresql.conf}; pgfleet's
 * defaults; {@code userSettings}; the user's ALTER SYSTEM; {@code ownSettings} and what follows
 * from the other components. See {@link SettingsFile}.
 *
 * @param port TCP
 * @param listenAddresses as in PostgreSQL's {@code listen_addresses}, for example {@code 127.0.0.1}
 * @param networks from where clients may come besides this machine, for example {@code 10.0.0.0/8},
 *     {@code samenet} or {@code all}; each needs a password
 * @param socketFolder for a Unix-domain socket; without one there is none
 * @param role what it is to be
 * @param userSettings the user's, by name
 * @param ownSettings pgfleet's by name, such as {@code synchronous_standby_names}; they win over
 *     the user's
 * @param tls with it the server speaks TLS, and from other machines nothing else
 */
public record ServerConfig(
    int port,
    List<String> listenAddresses,
    List<String> networks,
    Optional<Path> socketFolder,
    Role role,
    Map<String, String> userSettings,
    Map<String, String> ownSettings,
    Optional<ServerTls> tls) {

  /** Settings that follow from the components, or that would take a server out of our hands. */
  static final Set<String> RESERVED =
      Set.of(
          "port",
          "listen_addresses",
          "unix_socket_directories",
          "data_directory",
          "config_file",
          "hba_file",
          "ident_file",
          "external_pid_file",
          "primary_conninfo",
          "primary_slot_name",
          "hot_standby",
          "synchronous_standby_names",
          "restore_command",
          "recovery_end_command",
          "archive_cleanup_command",
          "recovery_target",
          "recovery_target_action",
          "recovery_target_inclusive",
          "recovery_target_lsn",
          "recovery_target_name",
          "recovery_target_time",
          "recovery_target_timeline",
          "recovery_target_xid");

  private static final Pattern NETWORK =
      Pattern.compile(
          "all|samehost|samenet|[0-9.]{7,15}/[0-9]{1,2}|[0-9a-fA-F:.]{2,45}/[0-9]{1,3}");
  private static final Pattern NAME =
      Pattern.compile("[A-Za-z_][A-Za-z0-9_]*(\\.[A-Za-z_][A-Za-z0-9_]*)?");
  private static final int LAST_PORT = 65535;

  public ServerConfig {
    if (port < 1 || port > LAST_PORT) {
      throw refused("The port " + port + " is out of range.", "Choose one from 1 to 65535.");
    }
    listenAddresses = List.copyOf(listenAddresses);
    networks = List.copyOf(networks);
    for (String network : networks) {
      if (!NETWORK.matcher(network).matches()) {
        throw refused(
            "'" + network + "' is no network.", "Write it as 10.0.0.0/8, fd00::/8 or samenet.");
      }
    }
    userSettings = normal(userSettings);
    ownSettings = normal(ownSettings);
    for (String name : userSettings.keySet()) {
      if (RESERVED.contains(name)) {
        throw refused("The setting " + name + " is pgfleet's own.", "Take it out of the settings.");
      }
      if (name.equals("wal_level") && userSettings.get(name).equals("minimal")) {
        throw refused(
            "With wal_level = minimal there can be no standby.", "Choose replica or logical.");
      }
    }
  }

  /** Without TLS. */
  public ServerConfig(
      int port,
      List<String> listenAddresses,
      List<String> networks,
      Optional<Path> socketFolder,
      Role role,
      Map<String, String> userSettings,
      Map<String, String> ownSettings) {
    this(
        port,
        listenAddresses,
        networks,
        socketFolder,
        role,
        userSettings,
        ownSettings,
        Optional.empty());
  }

  private static Map<String, String> normal(Map<String, String> settings) {
    Map<String, String> normal = new TreeMap<>();
    settings.forEach((name, value) -> {
      if (!NAME.matcher(name).matches()) {
        throw refused("'" + name + "' is no setting's name.", "Correct the name.");
      }
      if (value.indexOf('\0') >= 0) {
        throw refused("The value of " + name + " holds a zero byte.", "Take it out.");
      }
      normal.put(name.toLowerCase(Locale.ROOT), value);
    });
    return java.util.Collections.unmodifiableMap(normal);
  }

  private static ServerException refused(String message, String remedy) {
    return new ServerException(Kind.SETTING, message, remedy);
  }

  /** A primary on this machine's loopback addresses with no settings. */
  public static ServerConfig loopback(int port) {
    return new ServerConfig(
        port,
        List.of("127.0.0.1"),
        List.of(),
        Optional.empty(),
        new Role.Primary(),
        Map.of(),
        Map.of());
  }

  /** The same in another role. */
  public ServerConfig withRole(Role newRole) {
    return new ServerConfig(
        port, listenAddresses, networks, socketFolder, newRole, userSettings, ownSettings, tls);
  }

  /** The same with other settings of the user. */
  public ServerConfig withUserSettings(Map<String, String> settings) {
    return new ServerConfig(
        port, listenAddresses, networks, socketFolder, role, settings, ownSettings, tls);
  }

  /** The same with other settings of pgfleet. */
  public ServerConfig withOwnSettings(Map<String, String> settings) {
    return new ServerConfig(
        port, listenAddresses, networks, socketFolder, role, userSettings, settings, tls);
  }

  /** The same with a Unix-domain socket. */
  public ServerConfig withSocketFolder(Path folder) {
    return new ServerConfig(
        port, listenAddresses, networks, Optional.of(folder), role, userSettings, ownSettings, tls);
  }

  /** The same with TLS, or without. */
  public ServerConfig withTls(Optional<ServerTls> files) {
    return new ServerConfig(
        port, listenAddresses, networks, socketFolder, role, userSettings, ownSettings, files);
  }
}
