package io.pgfleet.postgres;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The text of {@code pgfleet.conf} and of what else must hold, from a {@link ServerConfig}.
 *
 * <p>PostgreSQL reads {@code postgresql.conf}, whose last line includes {@code pgfleet.conf}, then
 * {@code postgresql.auto.conf} (ALTER SYSTEM), then its command line, and the last word counts
 * (manual, 'Setting Parameters'). So that a fleet can't be taken apart by a statement:
 *
 * <ul>
 *   <li>settings of ours that only a start can change are given on the command line as well ({@link
 *       #commandLine}); nothing beats that;
 *   <li>settings of ours that a reload changes can't stand there, as a reload could not change them
 *       any more; they are taken out of {@code postgresql.auto.conf}, each leaving a comment, when
 *       the server is configured ({@link AutoSettings});
 *   <li>everything else is the user's, and ALTER SYSTEM wins over {@code fleet.yaml} there as it
 *       does in any PostgreSQL.
 * </ul>
 */
final class SettingsFile {
  static final String NAME = "pgfleet.conf";
  static final String INCLUDE = "include '" + NAME + "'";

  private SettingsFile() {}

  /** Defaults of ours that a user's settings replace. */
  private static Map<String, String> defaults() {
    Map<String, String> defaults = new LinkedHashMap<>();
    defaults.put("wal_level", "replica");
    defaults.put("wal_log_hints", "on");
    defaults.put("max_wal_senders", "16");
    defaults.put("max_replication_slots", "16");
    defaults.put("password_encryption", "scram-sha-256");
    defaults.put("logging_collector", "off");
    return defaults;
  }

  /** Those of ours that only a start changes. */
  private static Map<String, String> fixed(ServerConfig config, Path folder) {
    Map<String, String> fixed = new LinkedHashMap<>();
    fixed.put("port", Integer.toString(config.port()));
    boolean paused = config.role() instanceof Role.Paused;
    fixed.put("listen_addresses", paused ? "" : String.join(",", config.listenAddresses()));
    fixed.put("unix_socket_directories", config.socketFolder().map(Path::toString).orElse(""));
    fixed.put("hba_file", folder.resolve("pg_hba.conf").toString());
    // A recovery is over when it lets clients in; nobody is to read what is on its way.
    fixed.put("hot_standby", config.role() instanceof Role.Recovery ? "off" : "on");
    return fixed;
  }

  /** Those of ours that a reload changes. */
  private static Map<String, String> changing(
      ServerConfig config, Path passwordFile, Path tlsFolder) {
    Map<String, String> changing = new LinkedHashMap<>();
    changing.put("primary_conninfo", "");
    changing.put("primary_slot_name", "");
    changing.put("recovery_target_timeline", "latest");
    if (config.role() instanceof Role.Standby standby && standby.upstream().isPresent()) {
      Upstream upstream = standby.upstream().get();
      changing.put(
          "primary_conninfo",
          connectionInfo(upstream, passwordFile, config.tls().map(_ -> tlsFolder)));
      changing.put("primary_slot_name", upstream.slot().orElse(""));
    }
    if (config.tls().isPresent()) {
      changing.put("ssl", "on");
      changing.put("ssl_cert_file", tlsFolder.resolve(ServerTls.CERTIFICATE).toString());
      changing.put("ssl_key_file", tlsFolder.resolve(ServerTls.KEY).toString());
      changing.put("ssl_ca_file", tlsFolder.resolve(ServerTls.AUTHORITY).toString());
    }
    changing.put("synchronous_standby_names", "");
    changing.putAll(config.ownSettings());
    switch (config.role()) {
      case Role.Recovery(Map<String, String> settings) -> changing.putAll(settings);
      case Role.Paused(Map<String, String> settings) -> changing.putAll(settings);
      case Role.Primary _, Role.Standby _ -> {}
    }
    return changing;
  }

  /** The names that ALTER SYSTEM may not set. */
  static Set<String> owned(ServerConfig config) {
    var owned = new java.util.TreeSet<>(ServerConfig.RESERVED);
    owned.addAll(config.ownSettings().keySet());
    if (config.tls().isPresent()) {
      owned.addAll(Set.of("ssl", "ssl_cert_file", "ssl_key_file", "ssl_ca_file"));
    }
    return owned;
  }

  /** The whole file. */
  static String text(ServerConfig config, Path folder, Path passwordFile, Path tlsFolder) {
    Map<String, String> all = defaults();
    all.putAll(config.userSettings());
    all.putAll(fixed(config, folder));
    all.putAll(changing(config, passwordFile, tlsFolder));
    StringBuilder text =
        new StringBuilder("# Written by pgfleet at every start and change: do not edit.\n");
    all.forEach((name, value) -> text.append(name).append(" = ").append(quote(value)).append('\n'));
    return text.toString();
  }

  /** The postmaster's arguments after its folder. */
  static List<String> commandLine(ServerConfig config, Path folder) {
    List<String> arguments = new ArrayList<>();
    fixed(config, folder)
        .forEach((name, value) -> {
          arguments.add("-c");
          arguments.add(name + "=" + value);
        });
    return arguments;
  }

  /** A value between quotes, as PostgreSQL's guc-file.l reads it. */
  static String quote(String value) {
    StringBuilder quoted = new StringBuilder("'");
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      switch (c) {
        case '\'' -> quoted.append("''");
        case '\\' -> quoted.append("\\\\");
        case '\n' -> quoted.append("\\n");
        case '\r' -> quoted.append("\\r");
        default -> quoted.append(c); // every other character stands for itself
      }
    }
    return quoted.append('\'').toString();
  }

  /** libpq's connection string (manual, 'Keyword/Value Connection Strings'). */
  private static String connectionInfo(
      Upstream upstream, Path passwordFile, Optional<Path> tlsFolder) {
    Map<String, String> words = new LinkedHashMap<>();
    words.put("host", upstream.host());
    words.put("port", Integer.toString(upstream.port()));
    words.put("user", upstream.user());
    words.put("passfile", passwordFile.toString());
    words.put("application_name", upstream.applicationName());
    words.put("connect_timeout", "5");
    words.put("keepalives_idle", "5");
    words.put("keepalives_interval", "2");
    words.put("keepalives_count", "3");
    words.put("gssencmode", "disable");
    return words(words) + tlsFolder.map(SettingsFile::tlsWords).orElse("");
  }

  /** What a connection to another server of the fleet needs for TLS, after other words. */
  static String tlsWords(Path folder) {
    Map<String, String> words = new LinkedHashMap<>();
    words.put("sslmode", "verify-full");
    words.put("sslrootcert", folder.resolve(ServerTls.AUTHORITY).toString());
    words.put("sslcert", folder.resolve(ServerTls.CERTIFICATE).toString());
    words.put("sslkey", folder.resolve(ServerTls.KEY).toString());
    return " " + words(words);
  }

  private static String words(Map<String, String> words) {
    StringBuilder text = new StringBuilder();
    words.forEach((name, value) ->
        text.append(text.isEmpty() ? "" : " ")
            .append(name)
            .append("='")
            .append(value.replace("\\", "\\\\").replace("'", "\\'"))
            .append('\''));
    return text.toString();
  }

  /** One line of libpq's password file for any database of any server. */
  static String passwordLine(Upstream upstream) {
    return "*:*:*:" + escapeField(upstream.user()) + ":" + escapeField(upstream.password()) + "\n";
  }

  private static String escapeField(String value) {
    return value.replace("\\", "\\\\").replace(":", "\\:");
  }

  /**
   * {@code pg_hba.conf}: SCRAM from this machine and the networks, nobody else. With TLS other
   * machines must use it, and who replicates must also show a certificate of the authority (manual,
   * 'The pg_hba.conf File'). Into a paused recovery lets only the folder of its socket.
   */
  static String hostBasedAuthentication(ServerConfig config) {
    StringBuilder text =
        new StringBuilder("# Written by pgfleet at every start and change: do not edit.\n");
    if (config.role() instanceof Role.Paused) {
      return text.append("local all all trust\n").toString();
    }
    if (config.socketFolder().isPresent()) {
      text.append("local all all scram-sha-256\nlocal replication all scram-sha-256\n");
    }
    List<String> networks = new ArrayList<>(List.of("127.0.0.1/32", "::1/128"));
    if (config.tls().isEmpty()) {
      networks.addAll(config.networks());
    }
    for (String network : networks) {
      text.append("host all all ").append(network).append(" scram-sha-256\n");
      text.append("host replication all ").append(network).append(" scram-sha-256\n");
    }
    if (config.tls().isPresent()) {
      for (String network : config.networks()) {
        text.append("hostssl all all ").append(network).append(" scram-sha-256\n");
        text.append("hostssl replication all ")
            .append(network)
            .append(" scram-sha-256 clientcert=verify-ca\n");
      }
    }
    return text.toString();
  }
}
