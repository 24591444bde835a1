package io.pgfleet.gateway.admin;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The tables of the admin database. Names, order and types of columns are those of PgBouncer 1.25.2
 * (its manual, 'Show commands'); PINS, ROUTES and TRACE are the gateway's own.
 */
public enum Show {
  STATS(stats()),
  STATS_TOTALS(figures("")),
  STATS_AVERAGES(figures("avg_")),
  TOTALS(List.of(Column.text("name"), Column.numeric("value"))),
  SERVERS(links()),
  CLIENTS(links()),
  POOLS(pools()),
  PEER_POOLS(
      ints(
          "peer_id",
          "cl_active_cancel_req",
          "cl_waiting_cancel_req",
          "sv_active_cancel",
          "sv_login")),
  LISTS(List.of(Column.text("list"), Column.int4("items"))),
  USERS(
      join(
          texts("name", "pool_size", "reserve_pool_size", "pool_mode"),
          ints(
              "max_user_connections",
              "current_connections",
              "max_user_client_connections",
              "current_client_connections"))),
  DATABASES(databases()),
  PEERS(
      List.of(
          Column.int4("peer_id"),
          Column.text("host"),
          Column.int4("port"),
          Column.int4("pool_size"))),
  FDS(List.of()),
  SOCKETS(sockets()),
  ACTIVE_SOCKETS(sockets()),
  CONFIG(texts("key", "value", "default", "changeable")),
  MEM(join(texts("name"), ints("size", "used", "free", "memtotal"))),
  DNS_HOSTS(List.of(Column.text("hostname"), Column.int8("ttl"), Column.text("addrs"))),
  DNS_ZONES(List.of(Column.text("zonename"), Column.int8("serial"), Column.int4("count"))),
  STATE(texts("key", "value")),
  VERSION(texts("version")),
  HELP(List.of()),
  PINS(
      List.of(
          Column.int8("id"),
          Column.text("database"),
          Column.text("user"),
          Column.text("addr"),
          Column.int4("port"),
          Column.text("application_name"),
          Column.text("reason"))),
  ROUTES(
      List.of(
          Column.text("database"),
          Column.text("user"),
          Column.text("route"),
          Column.int8("transactions"),
          Column.int8("queries"),
          Column.int8("query_time"),
          Column.int8("xact_time"))),
  TRACE(
      List.of(
          Column.text("time"),
          Column.int8("client"),
          Column.text("database"),
          Column.text("user"),
          Column.text("route"),
          Column.int8("duration_us"),
          Column.int8("wait_us"),
          Column.int8("rows"),
          Column.text("error"),
          Column.text("query")));

  @SuppressWarnings("ImmutableEnumChecker") // a copy that can't be changed
  private final List<Column> columns;

  Show(List<Column> columns) {
    this.columns = List.copyOf(columns);
  }

  List<Column> columns() {
    return columns;
  }

  /** The table of a name, in any case. */
  static Optional<Show> named(String word) {
    String upper = word.toUpperCase(Locale.ROOT);
    return Arrays.stream(values()).filter(show -> show.name().equals(upper)).findFirst();
  }

  private static List<Column> texts(String... names) {
    return Stream.of(names).map(Column::text).toList();
  }

  private static List<Column> ints(String... names) {
    return Stream.of(names).map(Column::int4).toList();
  }

  @SafeVarargs
  private static List<Column> join(List<Column>... parts) {
    List<Column> all = new ArrayList<>();
    for (List<Column> part : parts) {
      all.addAll(part);
    }
    return all;
  }

  private static List<Column> stats() {
    return join(
        texts("database"),
        counters("total_", "received", "sent", "total_"),
        counters("avg_", "recv", "sent", "avg_"));
  }

  private static List<Column> figures(String statements) {
    return join(texts("database"), counters("", "bytes_received", "bytes_sent", statements));
  }

  private static List<Column> counters(
      String prefix, String received, String sent, String statements) {
    return Stream.of(
            prefix + "server_assignment_count",
            prefix + "xact_count",
            prefix + "query_count",
            prefix + received,
            prefix + sent,
            prefix + "xact_time",
            prefix + "query_time",
            prefix + "wait_time",
            statements + "client_parse_count",
            statements + "server_parse_count",
            statements + "bind_count")
        .map(Column::numeric)
        .toList();
  }

  private static List<Column> links() {
    return List.of(
        Column.text("type"),
        Column.text("user"),
        Column.text("database"),
        Column.text("replication"),
        Column.text("state"),
        Column.text("addr"),
        Column.int4("port"),
        Column.text("local_addr"),
        Column.int4("local_port"),
        Column.text("connect_time"),
        Column.text("request_time"),
        Column.int4("wait"),
        Column.int4("wait_us"),
        Column.int4("close_needed"),
        Column.text("ptr"),
        Column.text("link"),
        Column.int4("remote_pid"),
        Column.text("tls"),
        Column.text("application_name"),
        Column.int4("prepared_statements"),
        Column.int4("id"));
  }

  private static List<Column> sockets() {
    return join(
        links(),
        ints(
            "recv_pos",
            "pkt_pos",
            "pkt_remain",
            "send_pos",
            "send_remain",
            "pkt_avail",
            "send_avail"));
  }

  private static List<Column> pools() {
    return join(
        texts("database", "user"),
        ints(
            "cl_active",
            "cl_waiting",
            "cl_active_cancel_req",
            "cl_waiting_cancel_req",
            "sv_active",
            "sv_active_cancel",
            "sv_being_canceled",
            "sv_idle",
            "sv_used",
            "sv_tested",
            "sv_login",
            "maxwait",
            "maxwait_us"),
        texts("pool_mode", "load_balance_hosts"));
  }

  private static List<Column> databases() {
    return join(
        texts("name", "host"),
        ints("port"),
        texts("database", "force_user"),
        ints("pool_size", "min_pool_size", "reserve_pool_size", "server_lifetime"),
        texts("pool_mode", "load_balance_hosts"),
        ints(
            "max_connections",
            "current_connections",
            "max_client_connections",
            "current_client_connections",
            "paused",
            "disabled"));
  }
}
