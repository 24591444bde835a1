package io.pgfleet.migrate.haproxy;

import io.pgfleet.migrate.Draft;
import io.pgfleet.migrate.Finding.Verdict;
import io.pgfleet.migrate.haproxy.HaproxyText.Line;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** What becomes of single lines of a haproxy.cfg (HAProxy's configuration manual). */
final class ProxyLines {
  private static final String GATEWAY = "gateway";
  private static final Set<String> PROCESS =
      Set.of(
          "daemon",
          "user",
          "group",
          "chroot",
          "pidfile",
          "nbproc",
          "nbthread",
          "cpu-map",
          "master-worker",
          "ulimit-n",
          "uid",
          "gid",
          "node",
          "description",
          "set-dumpable",
          "spread-checks",
          "localpeer",
          "hard-stop-after",
          "insecure-fork-wanted",
          "no",
          "zero-warning");
  private static final Set<String> OF_HTTP =
      Set.of(
          "errorfile",
          "http-request",
          "http-response",
          "http-check",
          "cookie",
          "compression",
          "acl",
          "use_backend",
          "monitor-uri",
          "capture",
          "redirect",
          "http-reuse",
          "errorfiles");

  private final Draft draft;
  private final Path file;
  private final Map<String, String> servers = new LinkedHashMap<>();
  private int binds;

  ProxyLines(Draft draft, Path file) {
    this.draft = draft;
    this.file = file;
  }

  private void note(Line line, Verdict verdict, String subject, String words) {
    draft.note(file, line.number(), verdict, subject, words);
  }

  private void put(Line line, String subject, Object value, String... path) {
    String key = String.join(".", path);
    if (draft.put(value, path)) {
      note(line, Verdict.MAPPED, subject, key + ": " + value);
    } else if (draft.get(path).equals(value.toString())) {
      note(line, Verdict.MAPPED, subject, key + ": " + value + ", as before");
    } else {
      note(
          line,
          Verdict.LEFT,
          subject,
          value + ", but " + key + " is " + draft.get(path) + " by an earlier line: there is one");
    }
  }

  /** A line of the section global. */
  void global(Line line) {
    String first = line.first();
    if (first.equals("maxconn")) {
      clients(line);
    } else if (first.equals("stats")) {
      note(line, Verdict.NOT_NEEDED, "stats", "the database pgbouncer and /metrics take its place");
    } else if (first.equals("log")
        || first.equals("log-tag")
        || first.equals("log-send-hostname")) {
      note(line, Verdict.NOT_NEEDED, first, "the log is pgfleet's own ('pgfleet logs')");
    } else if (PROCESS.contains(first) || first.startsWith("tune.")) {
      note(line, Verdict.NOT_NEEDED, first, "pgfleet knows its own processes and threads");
    } else if (first.startsWith("ssl-") || first.equals("ca-base") || first.equals("crt-base")) {
      note(line, Verdict.LEFT, first, "Java's own choice of ciphers is used; name files in full");
    } else {
      note(line, Verdict.LEFT, first, "not known to this import; look whether you need it");
    }
  }

  private void clients(Line line) {
    String number = line.word(1);
    if (!number.matches("\\d{1,7}") || Integer.parseInt(number) < 1) {
      note(line, Verdict.WRONG, "maxconn", "'" + number + "' is not a number of clients");
      return;
    }
    put(line, "maxconn", Integer.parseInt(number), GATEWAY, "max_client_conn");
  }

  /** A line of a section that clients or servers pass. */
  void proxy(ProxySection section, Line line) {
    String first = line.first();
    switch (first) {
      case "bind" -> bind(section, line);
      case "server" -> server(section, line);
      case "timeout" -> timeout(line);
      case "option" -> option(line);
      case "maxconn" -> clients(line);
      case "mode" -> mode(line);
      case "balance" ->
          note(
              line,
              Verdict.NOT_NEEDED,
              "balance " + line.word(1),
              "reads go to the standby with" + " the least to do");
      case "default-server" ->
          note(line, Verdict.NOT_NEEDED, first, "the fleet itself knows which servers are well");
      case "default_backend" ->
          note(
              line,
              Verdict.NOT_NEEDED,
              first + " " + line.word(1),
              "the gateway knows the servers");
      case "tcp-check" ->
          note(line, Verdict.NOT_NEEDED, first, "the fleet itself knows which servers are well");
      case "retries" ->
          note(line, Verdict.NOT_NEEDED, first, "a client waits until there is a server");
      case "log", "log-format", "log-tag" ->
          note(line, Verdict.NOT_NEEDED, first, "the log is pgfleet's own ('pgfleet logs')");
      case "stats" ->
          note(
              line,
              Verdict.NOT_NEEDED,
              first,
              "the database pgbouncer and /metrics take its place");
      case "stick-table", "stick", "hash-type" ->
          note(line, Verdict.NOT_NEEDED, first, "a client keeps seeing its own writes in any case");
      case "tcp-request" ->
          note(
              line,
              Verdict.LEFT,
              String.join(" ", line.words()),
              "who may connect from where goes into a file named by gateway.auth.hba");
      default -> {
        if (OF_HTTP.contains(first)) {
          note(line, Verdict.LEFT, first, "is of HTTP, or chooses by content: not for PostgreSQL");
        } else {
          note(line, Verdict.LEFT, first, "not known to this import; look whether you need it");
        }
      }
    }
  }

  private void mode(Line line) {
    if (line.word(1).equals("tcp")) {
      note(line, Verdict.NOT_NEEDED, "mode tcp", "the gateway speaks PostgreSQL's protocol");
    } else {
      note(line, Verdict.LEFT, "mode " + line.word(1), "PostgreSQL is mode tcp");
    }
  }

  private void bind(ProxySection section, Line line) {
    String address = line.word(1).split(",")[0];
    String subject = section.title() + ": bind " + address;
    if (address.startsWith("/") || address.startsWith("unix@")) {
      note(line, Verdict.LEFT, subject, "a Unix-domain socket: see gateway.unix_socket_dir");
      return;
    }
    int port = ProxySection.port(address);
    if (port < 1 || port > 65_535) {
      note(line, Verdict.WRONG, subject, "has no port from 1 to 65535");
      return;
    }
    if (binds++ == 0) {
      put(line, subject, ProxySection.host(address), GATEWAY, "host");
      put(line, subject, port, GATEWAY, "port");
    } else {
      note(
          line,
          Verdict.LEFT,
          subject,
          "the gateway has one port for writes and reads: it sends statements that only read to"
              + " standbys by itself; let the clients of this port connect to that one");
    }
    if (line.has("ssl")) {
      tls(line, subject);
    }
    if (line.has("accept-proxy")) {
      note(
          line,
          Verdict.LEFT,
          subject + " accept-proxy",
          "name the networks of what stands before it in gateway.proxy_protocol.from");
    }
  }

  private void tls(Line line, String subject) {
    String certificate = line.after("crt");
    if (certificate.isEmpty()) {
      note(line, Verdict.WRONG, subject + " ssl", "names no crt");
      return;
    }
    boolean verified = line.after("verify").equals("required");
    String mode = verified && !line.after("ca-file").isEmpty() ? "verify-ca" : "require";
    put(line, subject + " ssl", mode, GATEWAY, "tls", "mode");
    put(line, subject + " crt", certificate, GATEWAY, "tls", "certificate");
    put(line, subject + " crt", certificate, GATEWAY, "tls", "key");
    if (mode.equals("verify-ca")) {
      put(line, subject + " ca-file", line.after("ca-file"), GATEWAY, "tls", "client_ca");
    }
    note(
        line,
        Verdict.LEFT,
        subject + " ssl",
        "HAProxy begins TLS with the first byte, PostgreSQL's clients ask for it first: the gateway"
            + " understands both, so tunnels in front of clients can go");
  }

  private void server(ProxySection section, Line line) {
    String name = line.word(1);
    String address = line.word(2);
    String subject = section.title() + ": server " + name;
    int port = ProxySection.port(address);
    if (name.isEmpty() || address.isEmpty() || port > 65_535) {
      note(line, Verdict.WRONG, subject, "is not 'server NAME ADDRESS:PORT'");
      return;
    }
    String node = name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9_]", "_");
    node = node.matches("[a-z].*") ? node : "n_" + node;
    node = node.substring(0, Math.min(40, node.length()));
    String known = servers.putIfAbsent(node, address);
    if (known == null) {
      boolean pooler = port == 6432;
      put(line, subject, ProxySection.host(address), "groups", "main", "nodes", node, "host");
      put(
          line,
          subject,
          port == 0 || pooler ? 5432 : port,
          "groups",
          "main",
          "nodes",
          node,
          "port");
      if (pooler) {
        note(
            line,
            Verdict.LEFT,
            subject,
            "port 6432 is a PgBouncer's; the gateway takes its place, and the server's own port was"
                + " taken to be 5432: see 'pgfleet import pgbouncer'");
      }
    } else if (known.equals(address)) {
      note(line, Verdict.MAPPED, subject, "groups.main.nodes." + node + ", as before");
    } else {
      note(
          line,
          Verdict.WRONG,
          subject,
          address + ", but an earlier line has " + known + " under this name");
    }
    options(line, subject);
  }

  private void options(Line line, String subject) {
    if (line.has("check")) {
      note(
          line,
          Verdict.NOT_NEEDED,
          subject + " check",
          "the fleet itself knows who is well, and" + " who leads");
    }
    if (line.has("send-proxy") || line.has("send-proxy-v2")) {
      note(
          line,
          Verdict.NOT_NEEDED,
          subject + " send-proxy",
          "PostgreSQL does not understand it; the gateway logs the client's own address");
    }
    if (line.has("backup")) {
      note(
          line,
          Verdict.NOT_NEEDED,
          subject + " backup",
          "which server leads is agreed on, not set");
    }
    if (line.has("maxconn")) {
      note(
          line,
          Verdict.LEFT,
          subject + " maxconn " + line.after("maxconn"),
          "see gateway.max_db_connections, and max_connections in postgres.settings");
    }
    if (line.has("ssl")) {
      String mode = line.after("verify").equals("required") ? "verify-ca" : "require";
      put(line, subject + " ssl", mode, GATEWAY, "server_tls", "mode");
      if (!line.after("ca-file").isEmpty()) {
        put(line, subject + " ca-file", line.after("ca-file"), GATEWAY, "server_tls", "ca");
      }
    }
  }

  private void option(Line line) {
    String option = line.word(1);
    switch (option) {
      case "httpchk" ->
          note(
              line,
              Verdict.NOT_NEEDED,
              String.join(" ", line.words()),
              "asked Patroni who leads; the fleet agrees on that itself, and the gateway is told");
      case "pgsql-check" ->
          note(
              line,
              Verdict.NOT_NEEDED,
              "option pgsql-check",
              "the fleet knows which servers are well");
      case "tcpka", "clitcpka", "srvtcpka" ->
          put(line, "option " + option, true, GATEWAY, "tcp_keepalive");
      case "tcplog", "httplog" ->
          put(line, "option " + option, true, GATEWAY, "log", "connections");
      case "dontlognull",
          "dontlog-normal",
          "log-health-checks",
          "redispatch",
          "tcp-check",
          "tcp-smart-accept",
          "tcp-smart-connect",
          "splice-auto",
          "abortonclose" ->
          note(
              line,
              Verdict.NOT_NEEDED,
              "option " + option,
              "the gateway has no such choice to make");
      default ->
          note(line, Verdict.LEFT, "option " + option, "is not for PostgreSQL, or not known");
    }
  }

  private void timeout(Line line) {
    String what = line.word(1);
    String subject = "timeout " + what + " " + line.word(2);
    String key =
        switch (what) {
          case "client" -> "client_idle_timeout";
          case "server" -> "query_timeout";
          case "connect" -> "server_connect_timeout";
          case "queue" -> "query_wait_timeout";
          default -> "";
        };
    if (key.isEmpty()) {
      note(line, Verdict.NOT_NEEDED, subject, "concerns health checks or HTTP");
      return;
    }
    String time = line.word(2).matches("\\d+") ? line.word(2) + "ms" : line.word(2);
    if (!time.matches("\\d{1,12}(us|ms|s|m|h|d)")) {
      note(line, Verdict.WRONG, subject, "is not a time");
    } else if (time.endsWith("us")) {
      note(line, Verdict.WRONG, subject, "is too short to be meant");
    } else {
      put(line, subject, time, GATEWAY, key);
      if (what.equals("server")) {
        note(
            line,
            Verdict.LEFT,
            subject,
            "HAProxy cut a statement that gave no row for so long, and its client; query_timeout"
                + " cancels the statement and keeps the client: see whether you want it");
      }
    }
  }

  /** Says what the servers' list means. */
  void finish() {
    if (!servers.isEmpty()) {
      draft.note(
          file,
          0,
          Verdict.LEFT,
          "servers",
          "they stand as nodes of one group; a fleet makes its own servers: dump your databases, or"
              + " keep HAProxy until you move");
    }
  }
}
