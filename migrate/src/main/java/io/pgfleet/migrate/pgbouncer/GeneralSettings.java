package io.pgfleet.migrate.pgbouncer;

import io.pgfleet.migrate.Draft;
import io.pgfleet.migrate.Finding.Verdict;
import io.pgfleet.migrate.pgbouncer.IniFile.Entry;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The settings of [pgbouncer] that are more than a number or a time. */
final class GeneralSettings {
  private static final String GATEWAY = "gateway";

  private final Draft draft;
  private final Mapper mapper;

  GeneralSettings(Draft draft, Mapper mapper) {
    this.draft = draft;
    this.mapper = mapper;
  }

  void setting(Entry entry) {
    switch (entry.key()) {
      case "listen_addr" -> address(entry);
      case "pool_mode" -> mapper.poolMode(entry, entry.key(), entry.value(), GATEWAY, "pool_mode");
      case "admin_users", "stats_users" -> users(entry);
      case "max_prepared_statements" -> prepared(entry);
      case "log_connections", "log_disconnections" -> connections(entry);
      case "tcp_keepalive" ->
          mapper.put(entry, entry.key(), Mapper.truth(entry.value()), GATEWAY, "tcp_keepalive");
      case "unix_socket_dir" -> socketFolder(entry);
      case "unix_socket_mode" -> socketMode(entry);
      case "server_reset_query" -> reset(entry);
      case "server_fast_close" ->
          mapper.note(
              entry,
              Verdict.NOT_NEEDED,
              entry.key(),
              "servers of a former primary are closed at once in any case");
      default -> {
        if (entry.key().startsWith("auth_")) {
          authentication(entry);
        } else {
          tls(entry);
        }
      }
    }
  }

  private void address(Entry entry) {
    String first = entry.value().split(",")[0].strip();
    String host = first.equals("*") ? "0.0.0.0" : first;
    if (host.isEmpty()) {
      mapper.note(
          entry, Verdict.LEFT, entry.key(), "no TCP at all: the gateway listens on 127.0.0.1");
      return;
    }
    mapper.put(entry, entry.key(), host, GATEWAY, "host");
    if (entry.value().contains(",")) {
      mapper.note(
          entry,
          Verdict.LEFT,
          entry.key(),
          "several addresses; the gateway listens on one, or with 0.0.0.0 on all");
    }
  }

  private void users(Entry entry) {
    List<String> names =
        Arrays.stream(entry.value().split(","))
            .map(String::strip)
            .filter(name -> !name.isEmpty())
            .distinct()
            .toList();
    if (!names.isEmpty()) {
      mapper.put(entry, entry.key(), names, GATEWAY, entry.key());
    }
  }

  private void prepared(Entry entry) {
    if (entry.value().equals("0")) {
      mapper.note(
          entry,
          Verdict.LEFT,
          entry.key(),
          "0 switches prepared statements off in PgBouncer; the gateway always carries them");
    } else {
      mapper.apply(
          entry,
          entry.key(),
          entry.value(),
          Rule.Whole.of("max_prepared_statements", 1, 100_000),
          GATEWAY);
    }
  }

  private void connections(Entry entry) {
    boolean on = Mapper.truth(entry.value());
    if (draft.put(on, GATEWAY, "log", "connections")
        || draft.get(GATEWAY, "log", "connections").equals(String.valueOf(on))) {
      mapper.note(entry, Verdict.MAPPED, entry.key(), "gateway.log.connections: " + on);
    } else {
      mapper.note(
          entry, Verdict.LEFT, entry.key(), "connects and disconnects are logged both or neither");
    }
  }

  private void socketFolder(Entry entry) {
    if (entry.value().isEmpty()) {
      mapper.note(entry, Verdict.MAPPED, entry.key(), "no Unix-domain socket");
    } else if (entry.value().startsWith("@")) {
      mapper.note(
          entry, Verdict.LEFT, entry.key(), "abstract sockets are not served; name a folder");
    } else {
      mapper.put(entry, entry.key(), entry.value(), GATEWAY, "unix_socket_dir");
    }
  }

  private void socketMode(Entry entry) {
    String octal = entry.value().replaceFirst("^0+", "");
    if (octal.matches("[0-7]{3}")) {
      mapper.put(entry, entry.key(), "0" + octal, GATEWAY, "unix_socket_mode");
    } else {
      mapper.note(
          entry, Verdict.WRONG, entry.key(), "'" + entry.value() + "' is not an octal file mode");
    }
  }

  private void reset(Entry entry) {
    boolean usual = entry.value().isEmpty() || entry.value().matches("(?i)discard\\s+all\\s*;?");
    mapper.note(
        entry,
        usual ? Verdict.NOT_NEEDED : Verdict.LEFT,
        entry.key(),
        usual
            ? "a server on which something of a session stays gets DISCARD ALL"
            : "the gateway runs DISCARD ALL where something stays, and nothing of your own");
  }

  private void authentication(Entry entry) {
    String value = entry.value();
    switch (entry.key()) {
      case "auth_type" -> type(entry, value.toLowerCase(Locale.ROOT));
      case "auth_hba_file" -> mapper.put(entry, entry.key(), value, GATEWAY, "auth", "hba");
      case "auth_ident_file" -> mapper.put(entry, entry.key(), value, GATEWAY, "auth", "ident");
      case "auth_file" ->
          mapper.note(
              entry,
              Verdict.NOT_NEEDED,
              entry.key(),
              "verifiers are read from PostgreSQL itself; see what is said of its lines");
      default ->
          mapper.note(
              entry,
              Verdict.NOT_NEEDED,
              entry.key(),
              "pgfleet makes its own function to look verifiers up, and a role that may call it");
    }
  }

  private void type(Entry entry, String type) {
    switch (type) {
      case "scram-sha-256" ->
          mapper.note(
              entry, Verdict.NOT_NEEDED, entry.key(), "SCRAM-SHA-256 is the gateway's usual");
      case "md5" ->
          mapper.note(
              entry,
              Verdict.WRONG,
              entry.key(),
              "md5 is weak, and gone from PostgreSQL before long: the gateway asks for SCRAM-SHA-256;"
                  + " users whose password was stored as md5 must have it set anew");
      case "trust", "any" ->
          mapper.note(
              entry,
              Verdict.WRONG,
              entry.key(),
              "whoever reaches the port is believed; the gateway asks for passwords, other rules go"
                  + " into a file named by gateway.auth.hba");
      case "plain" ->
          mapper.note(
              entry, Verdict.WRONG, entry.key(), "passwords in clear; the gateway asks for SCRAM");
      case "cert", "hba", "peer" ->
          mapper.note(
              entry,
              Verdict.LEFT,
              entry.key(),
              "put rules in PostgreSQL's pg_hba.conf syntax into a file and name it in"
                  + " gateway.auth.hba");
      case "pam", "ldap" ->
          mapper.note(
              entry,
              Verdict.LEFT,
              entry.key(),
              "the gateway asks no PAM or LDAP; give users passwords");
      default -> mapper.note(entry, Verdict.WRONG, entry.key(), "'" + type + "' is no auth_type");
    }
  }

  private void tls(Entry entry) {
    boolean client = entry.key().startsWith("client");
    String section = client ? "tls" : "server_tls";
    String what = entry.key().substring(entry.key().indexOf("_tls_") + 5);
    switch (what) {
      case "sslmode" -> {
        String mode = entry.value().toLowerCase(Locale.ROOT);
        String kept = mode.equals("allow") ? "prefer" : mode;
        if (kept.matches("disable|prefer|require|verify-ca|verify-full")) {
          mapper.put(entry, entry.key(), kept, GATEWAY, section, "mode");
        } else {
          mapper.note(entry, Verdict.WRONG, entry.key(), "'" + mode + "' is no sslmode; left out");
        }
      }
      case "cert_file" ->
          mapper.put(entry, entry.key(), entry.value(), GATEWAY, section, "certificate");
      case "key_file" -> mapper.put(entry, entry.key(), entry.value(), GATEWAY, section, "key");
      case "ca_file" ->
          mapper.put(
              entry, entry.key(), entry.value(), GATEWAY, section, client ? "client_ca" : "ca");
      default -> protocols(entry);
    }
  }

  private void protocols(Entry entry) {
    String all = entry.value().toLowerCase(Locale.ROOT);
    if (all.matches("secure|all|tlsv1\\.2\\s*,\\s*tlsv1\\.3|tlsv1\\.2")) {
      mapper.note(
          entry, Verdict.NOT_NEEDED, entry.key(), "TLS 1.2 and newer is the gateway's usual");
    } else if (all.equals("tlsv1.3")) {
      mapper.put(entry, entry.key(), "TLSv1.3", GATEWAY, "tls", "min_protocol");
    } else {
      mapper.note(
          entry, Verdict.LEFT, entry.key(), "the gateway speaks TLS 1.2 and 1.3 and nothing older");
    }
  }

  /** What the file does not say, and PgBouncer takes for granted. */
  void finish(Path ini, List<Entry> entries) {
    boolean named =
        entries.stream()
            .anyMatch(e -> e.section().equals("pgbouncer") && e.key().equals("pool_mode"));
    if (!named && draft.put("session", GATEWAY, "pool_mode")) {
      draft.note(
          ini,
          0,
          Verdict.MAPPED,
          "pool_mode",
          "not in the file; PgBouncer's default session is kept, pgfleet's own would be transaction");
    }
  }
}
