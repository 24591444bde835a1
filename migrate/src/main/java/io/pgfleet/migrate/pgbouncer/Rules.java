package io.pgfleet.migrate.pgbouncer;

import java.util.HashMap;
import java.util.Map;

/**
 * What becomes of PgBouncer's settings, up to those of 1.25 (its manual, 'Generic settings' on).
 */
final class Rules {
  private static final long SECOND = 1_000;
  private static final long MINUTE = 60 * SECOND;
  private static final long DAY = 24 * 60 * MINUTE;

  static final Map<String, Rule> GENERAL = general();
  static final Map<String, Rule> DATABASE =
      Map.of(
          "pool_size", Rule.Whole.of("pool_size", 1, 10_000),
          "min_pool_size", Rule.Whole.of("min_pool_size", 0, 10_000),
          "reserve_pool_size", Rule.Whole.of("reserve_pool_size", 0, 10_000),
          "reserve_pool", Rule.Whole.of("reserve_pool_size", 0, 10_000),
          "max_db_connections", new Rule.Whole("max_db_connections", 1, 10_000, "unlimited"),
          "server_lifetime", new Rule.Seconds("server_lifetime", SECOND, 30 * DAY, ""));
  static final Map<String, Rule> USER =
      Map.of(
          "pool_size", Rule.Whole.of("pool_size", 1, 10_000),
          "reserve_pool_size", Rule.Whole.of("reserve_pool_size", 0, 10_000),
          "max_user_connections", new Rule.Whole("max_user_connections", 1, 10_000, "unlimited"),
          "query_timeout", new Rule.Seconds("query_timeout", 10, 7 * DAY, "off"),
          "transaction_timeout", new Rule.Seconds("transaction_timeout", 10, 7 * DAY, "off"),
          "idle_transaction_timeout",
              new Rule.Seconds("idle_transaction_timeout", 10, 7 * DAY, "off"),
          "client_idle_timeout", new Rule.Seconds("client_idle_timeout", 10, 7 * DAY, "off"));

  private Rules() {}

  private static Map<String, Rule> general() {
    Map<String, Rule> all = new HashMap<>();
    Map<String, Rule> numbers =
        Map.of(
            "listen_port", Rule.Whole.of("port", 1, 65_535),
            "max_client_conn", Rule.Whole.of("max_client_conn", 1, 1_000_000),
            "default_pool_size", Rule.Whole.of("default_pool_size", 1, 10_000),
            "min_pool_size", Rule.Whole.of("min_pool_size", 0, 10_000),
            "reserve_pool_size", Rule.Whole.of("reserve_pool_size", 0, 10_000),
            "max_db_connections", new Rule.Whole("max_db_connections", 1, 10_000, "unlimited"),
            "max_user_connections", new Rule.Whole("max_user_connections", 1, 10_000, "unlimited"),
            "tcp_keepcnt", new Rule.Whole("tcp_keepcnt", 1, 127, "system"));
    all.putAll(numbers);
    time(all, "reserve_pool_timeout", 100, 10 * MINUTE, "");
    time(all, "query_timeout", 10, 7 * DAY, "off");
    time(all, "transaction_timeout", 10, 7 * DAY, "off");
    time(all, "idle_transaction_timeout", 10, 7 * DAY, "off");
    time(all, "client_idle_timeout", 10, 7 * DAY, "off");
    time(all, "query_wait_timeout", 100, DAY, "1d");
    time(all, "client_login_timeout", 100, 10 * MINUTE, "10m");
    time(all, "server_connect_timeout", 100, 10 * MINUTE, "10m");
    time(all, "server_login_retry", 100, 10 * MINUTE, "100ms");
    time(all, "server_lifetime", SECOND, 30 * DAY, "");
    time(all, "server_idle_timeout", SECOND, 7 * DAY, "7d");
    time(all, "cancel_wait_timeout", 100, 10 * MINUTE, "10m");
    time(all, "tcp_keepidle", SECOND, 9 * 60 * MINUTE, "system");
    time(all, "tcp_keepintvl", SECOND, 9 * 60 * MINUTE, "system");
    own(
        all,
        "listen_addr pool_mode admin_users stats_users auth_type auth_file auth_user auth_query"
            + " auth_hba_file auth_ident_file auth_dbname unix_socket_dir unix_socket_mode"
            + " tcp_keepalive log_connections log_disconnections client_tls_sslmode"
            + " client_tls_key_file client_tls_cert_file client_tls_ca_file client_tls_protocols"
            + " server_tls_sslmode server_tls_ca_file server_tls_key_file server_tls_cert_file"
            + " max_prepared_statements server_reset_query server_fast_close");
    withoutCounterpart(all);
    return Map.copyOf(all);
  }

  private static void withoutCounterpart(Map<String, Rule> all) {
    notNeeded(
        all,
        "the log is pgfleet's own ('pgfleet logs')",
        "logfile syslog syslog_facility" + " syslog_ident log_pooler_errors log_stats verbose");
    notNeeded(
        all, "pgfleet knows its own processes", "pidfile user job_name service_name conffile");
    notNeeded(
        all,
        "a connection in doubt is closed, never lent again",
        "server_check_query server_check_delay server_reset_query_always");
    notNeeded(
        all,
        "parameters follow the client, or are part of its pool",
        "ignore_startup_parameters track_extra_parameters");
    notNeeded(
        all,
        "buffers need no tuning here",
        "pkt_buf sbuf_loopcnt max_packet_size listen_backlog tcp_defer_accept tcp_socket_buffer"
            + " suspend_timeout scram_iterations query_wait_notify");
    notNeeded(
        all,
        "addresses of servers come from the fleet, not from DNS",
        "dns_max_ttl dns_nxdomain_ttl dns_zone_check_period resolv_conf autodb_idle_timeout"
            + " pool_idle_timeout");
    notNeeded(all, "simple query works, with pooling", "disable_pqexec");
    notNeeded(all, "averages are of one to two minutes", "stats_period");
    left(
        all,
        "one gateway serves a port; more loops in it do what several processes did"
            + " (gateway.loops)",
        "so_reuseport peer_id");
    left(
        all,
        "the gateway lends the server that was used last, so that unused ones can close",
        "server_round_robin");
    left(
        all,
        "the gateway has no such bound; max_client_conn is over all",
        "max_db_client_connections max_user_client_connections");
    left(all, "set application_name in the applications", "application_name_add_host");
    left(all, "the system's own value is used", "tcp_user_timeout");
    left(all, "set the folder's group instead", "unix_socket_group");
    left(
        all,
        "Java's own choice of ciphers and curves is used",
        "client_tls_ciphers client_tls13_ciphers client_tls_ecdhcurve client_tls_dheparams"
            + " server_tls_ciphers server_tls13_ciphers server_tls_protocols");
    left(
        all,
        "LDAP and PAM are not asked; passwords are PostgreSQL's",
        "auth_ldap_options" + " auth_ldap_parameter");
  }

  private static void time(Map<String, Rule> all, String key, long least, long most, String zero) {
    all.put(key, new Rule.Seconds(key, least, most, zero));
  }

  private static void own(Map<String, Rule> all, String keys) {
    for (String key : keys.split(" ")) {
      all.put(key, new Rule.Own());
    }
  }

  private static void notNeeded(Map<String, Rule> all, String why, String keys) {
    for (String key : keys.split(" ")) {
      all.put(key, new Rule.NotNeeded(why));
    }
  }

  private static void left(Map<String, Rule> all, String why, String keys) {
    for (String key : keys.split(" ")) {
      all.put(key, new Rule.Left(why));
    }
  }
}
