package io.pgfleet.gateway.admin;

import io.pgfleet.gateway.admin.View.ClientRow;
import io.pgfleet.gateway.admin.View.Limits;
import io.pgfleet.gateway.admin.View.Link;
import io.pgfleet.gateway.admin.View.Peer;
import io.pgfleet.gateway.admin.View.PoolRow;
import io.pgfleet.gateway.admin.View.ServerRow;
import io.pgfleet.gateway.observe.Account;
import io.pgfleet.gateway.observe.EventLog.TracedStatement;
import io.pgfleet.gateway.observe.Figures;
import io.pgfleet.gateway.observe.Route;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryUsage;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Makes the rows of {@link Show} out of what there is to see. */
final class ShowRows {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss z", Locale.ROOT)
          .withZone(ZoneId.systemDefault());
  private static final long CLIENT_POINTER = 0xc000_0000_0000L;
  private static final long SERVER_POINTER = 0x5000_0000_0000L;

  private final View view;

  ShowRows(View view) {
    this.view = view;
  }

  /** The rows of a table, as many values each as it has columns. */
  List<List<@Nullable Object>> of(Show show) {
    return switch (show) {
      case STATS -> FigureRows.stats(view);
      case STATS_TOTALS -> FigureRows.totals(view);
      case STATS_AVERAGES -> FigureRows.averages(view);
      case TOTALS -> FigureRows.sums(view);
      case SERVERS -> view.servers().stream().map(server -> server(server, false)).toList();
      case CLIENTS -> view.clients().stream().map(client -> client(client, false)).toList();
      case SOCKETS -> sockets(false);
      case ACTIVE_SOCKETS -> sockets(true);
      case POOLS -> pools();
      case LISTS -> lists();
      case USERS -> users();
      case DATABASES -> databases();
      case CONFIG ->
          view.settings().stream()
              .map(s -> row(s.key(), s.value(), s.usual(), s.changeable() ? "yes" : "no"))
              .toList();
      case MEM -> memory();
      case DNS_HOSTS -> hosts();
      case STATE -> state();
      case VERSION -> List.of(row("PgBouncer " + AdminSession.PGBOUNCER + " (pgfleet gateway)"));
      case PINS -> pins();
      case ROUTES -> routes();
      case TRACE -> view.traced().stream().map(ShowRows::traced).toList();
      case PEERS, PEER_POOLS, DNS_ZONES, FDS, HELP -> List.of();
    };
  }

  static List<@Nullable Object> row(@Nullable Object... values) {
    return Arrays.asList(values);
  }

  private String time(Duration ago) {
    return TIME.format(view.at().minus(ago));
  }

  private List<@Nullable Object> client(ClientRow client, boolean socket) {
    Link link = client.link();
    long seconds = client.waited().toSeconds();
    long micros = client.waited().toNanosPart() / 1_000;
    String to = link.link() == 0 ? "" : pointer(SERVER_POINTER, link.link());
    List<@Nullable Object> row =
        link("C", link, seconds, micros, 0, pointer(CLIENT_POINTER, link.id()), to);
    return socket ? withBuffers(row) : row;
  }

  private List<@Nullable Object> server(ServerRow server, boolean socket) {
    Link link = server.link();
    String to = link.link() == 0 ? "" : pointer(CLIENT_POINTER, link.link());
    int close = server.closeNeeded() ? 1 : 0;
    List<@Nullable Object> row =
        link("S", link, 0, 0, close, pointer(SERVER_POINTER, link.id()), to);
    return socket ? withBuffers(row) : row;
  }

  private List<@Nullable Object> link(
      String type, Link of, long wait, long waitMicros, int close, String pointer, String to) {
    return row(
        type,
        of.user(),
        of.database(),
        "none",
        of.state(),
        of.remote().address(),
        of.remote().port(),
        of.local().address(),
        of.local().port(),
        time(of.age()),
        time(of.idle()),
        wait,
        waitMicros,
        close,
        pointer,
        to,
        of.process(),
        of.tls(),
        of.applicationName(),
        of.prepared(),
        of.id());
  }

  /** The gateway has no buffers of these names: bytes are written straight through. */
  private static List<@Nullable Object> withBuffers(List<@Nullable Object> row) {
    List<@Nullable Object> longer = new ArrayList<>(row);
    for (int i = 0; i < 7; i++) {
      longer.add(0);
    }
    return longer;
  }

  private static String pointer(long base, long id) {
    return "0x" + Long.toHexString(base | id);
  }

  private List<List<@Nullable Object>> sockets(boolean active) {
    Stream<List<@Nullable Object>> clients =
        view.clients().stream()
            .filter(client -> !active || client.link().state().equals("active"))
            .map(client -> client(client, true));
    Stream<List<@Nullable Object>> servers =
        view.servers().stream()
            .filter(server -> !active || server.link().state().equals("active"))
            .map(server -> server(server, true));
    return Stream.concat(clients, servers).toList();
  }

  /** Pools of one account in several loops, or with other start-up parameters, count as one. */
  private List<List<@Nullable Object>> pools() {
    List<List<@Nullable Object>> rows = new ArrayList<>();
    view.pools().stream()
        .collect(
            Collectors.groupingBy(
                pool -> new Account(pool.database(), pool.user()),
                java.util.TreeMap::new,
                Collectors.toList()))
        .forEach((account, same) -> rows.add(pool(same)));
    long admins =
        view.clients().stream().filter(c -> c.link().database().equals("pgbouncer")).count();
    rows.add(
        row(
            "pgbouncer",
            "pgbouncer",
            admins,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            "statement",
            null));
    return rows;
  }

  private static List<@Nullable Object> pool(List<PoolRow> same) {
    PoolRow first = same.getFirst();
    Duration wait =
        same.stream().map(PoolRow::longestWait).max(Duration::compareTo).orElse(Duration.ZERO);
    int waiting = sum(same, PoolRow::waiting);
    return row(
        first.database(),
        first.user(),
        sum(same, PoolRow::clients) - waiting,
        waiting,
        0,
        0,
        sum(same, PoolRow::active),
        sum(same, PoolRow::canceling),
        0,
        sum(same, PoolRow::idle),
        0,
        sum(same, PoolRow::tested),
        sum(same, PoolRow::login),
        wait.toSeconds(),
        wait.toNanosPart() / 1_000,
        first.limits().poolMode(),
        null);
  }

  private static int sum(List<PoolRow> pools, ToIntFunction<PoolRow> of) {
    return pools.stream().mapToInt(of).sum();
  }

  private Set<String> databaseNames() {
    Set<String> names = new TreeSet<>();
    view.pools().forEach(pool -> names.add(pool.database()));
    view.figures().keySet().forEach(account -> names.add(account.database()));
    names.addAll(view.state().pausedDatabases());
    names.addAll(view.state().disabledDatabases());
    return names;
  }

  private Set<String> userNames() {
    Set<String> names = new TreeSet<>();
    view.pools().forEach(pool -> names.add(pool.user()));
    view.figures().keySet().forEach(account -> names.add(account.user()));
    return names;
  }

  private List<List<@Nullable Object>> lists() {
    long login = view.clients().stream().filter(client -> !client.loggedIn()).count();
    long pools =
        view.pools().stream().map(pool -> List.of(pool.database(), pool.user())).distinct().count();
    return List.of(
        row("databases", databaseNames().size() + 1),
        row("users", userNames().size()),
        row("peers", 0),
        row("pools", pools),
        row("peer_pools", 0),
        row("free_clients", 0),
        row("used_clients", view.clients().size()),
        row("login_clients", login),
        row("free_servers", 0),
        row("used_servers", view.servers().size()),
        row("dns_names", hosts().size()),
        row("dns_zones", 0),
        row("dns_queries", 0),
        row("dns_pending", 0));
  }

  private List<List<@Nullable Object>> users() {
    List<List<@Nullable Object>> rows = new ArrayList<>();
    for (String user : userNames()) {
      int most =
          view.pools().stream()
              .filter(pool -> pool.user().equals(user))
              .mapToInt(pool -> pool.limits().maxUserConnections())
              .findFirst()
              .orElse(0);
      long servers = view.servers().stream().filter(s -> s.link().user().equals(user)).count();
      long clients = view.clients().stream().filter(c -> c.link().user().equals(user)).count();
      rows.add(row(user, "", "", null, most, servers, 0, clients));
    }
    return rows;
  }

  private List<List<@Nullable Object>> databases() {
    List<List<@Nullable Object>> rows = new ArrayList<>();
    Peer server = view.server().orElse(new Peer("", 0));
    for (String name : databaseNames()) {
      Limits limits =
          view.pools().stream()
              .filter(pool -> pool.database().equals(name))
              .map(PoolRow::limits)
              .findFirst()
              .orElse(new Limits("", 0, 0, 0, 0, 0, Duration.ZERO));
      long servers = view.servers().stream().filter(s -> s.link().database().equals(name)).count();
      long clients = view.clients().stream().filter(c -> c.link().database().equals(name)).count();
      rows.add(
          row(
              name,
              server.address(),
              server.port(),
              name,
              null,
              limits.poolSize(),
              limits.minPoolSize(),
              limits.reservePoolSize(),
              limits.serverLifetime().toSeconds(),
              limits.poolMode().isEmpty() ? null : limits.poolMode(),
              null,
              limits.maxDbConnections(),
              servers,
              0,
              clients,
              view.state().pausedDatabases().contains(name) ? 1 : 0,
              view.state().disabledDatabases().contains(name) ? 1 : 0));
    }
    long admins =
        view.clients().stream().filter(c -> c.link().database().equals("pgbouncer")).count();
    rows.add(
        row(
            "pgbouncer",
            null,
            view.listenPort(),
            "pgbouncer",
            "pgbouncer",
            2,
            0,
            0,
            0,
            "statement",
            null,
            0,
            0,
            0,
            admins,
            0,
            0));
    return rows;
  }

  /** The memory pools of the JVM, in kilobytes, as int4 would not hold bytes. */
  private static List<List<@Nullable Object>> memory() {
    List<List<@Nullable Object>> rows = new ArrayList<>();
    for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
      MemoryUsage usage = pool.getUsage();
      if (usage != null) {
        long used = usage.getUsed() >> 10;
        long committed = usage.getCommitted() >> 10;
        String name = pool.getName().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "_");
        rows.add(row(name, 1024, used, committed - used, committed));
      }
    }
    return rows;
  }

  private List<List<@Nullable Object>> hosts() {
    return view.server().stream()
        .map(server -> row(server.address(), 0, server.address() + ":" + server.port()))
        .toList();
  }

  private List<List<@Nullable Object>> state() {
    boolean suspended = view.state().suspended();
    boolean paused = view.state().paused() && !suspended;
    return List.of(
        row("active", paused || suspended ? "no" : "yes"),
        row("paused", paused ? "yes" : "no"),
        row("suspended", suspended ? "yes" : "no"));
  }

  private List<List<@Nullable Object>> pins() {
    return view.clients().stream()
        .filter(client -> !client.pins().isEmpty())
        .map(client -> {
          Link of = client.link();
          return row(
              of.id(),
              of.database(),
              of.user(),
              of.remote().address(),
              of.remote().port(),
              of.applicationName(),
              client.pins());
        })
        .toList();
  }

  private List<List<@Nullable Object>> routes() {
    List<List<@Nullable Object>> rows = new ArrayList<>();
    view.figures().entrySet().stream()
        .sorted(java.util.Map.Entry.comparingByKey())
        .forEach(entry -> {
          Figures figures = entry.getValue();
          for (Route route : Route.values()) {
            rows.add(
                row(
                    entry.getKey().database(),
                    entry.getKey().user(),
                    route.label(),
                    figures.transactions(route).count(),
                    figures.queries(route).count(),
                    figures.queries(route).sum().toNanos() / 1_000,
                    figures.transactions(route).sum().toNanos() / 1_000));
          }
        });
    return rows;
  }

  private static List<@Nullable Object> traced(TracedStatement statement) {
    var ran = statement.ran();
    Instant at = ran.at();
    return row(
        at.toString(),
        ran.who().client(),
        ran.who().database(),
        ran.who().user(),
        ran.route().label(),
        ran.times().took().toNanos() / 1_000,
        ran.times().waited().toNanos() / 1_000,
        ran.rows(),
        ran.sqlState(),
        statement.sql());
  }
}
