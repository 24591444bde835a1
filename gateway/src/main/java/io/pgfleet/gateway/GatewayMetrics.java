package io.pgfleet.gateway;

import io.pgfleet.gateway.admin.View.ClientRow;
import io.pgfleet.gateway.admin.View.PoolRow;
import io.pgfleet.gateway.observe.Account;
import io.pgfleet.gateway.observe.Figures;
import io.pgfleet.gateway.observe.Latencies;
import io.pgfleet.gateway.observe.Route;
import io.pgfleet.gateway.topology.Primary;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The gateway's figures as Prometheus wants them, taken from the loops at each scrape. */
final class GatewayMetrics implements MultiCollector {
  private static final String PREFIX = "pgfleet_gateway_";
  private static final List<Double> BOUNDS =
      Stream.concat(
              Latencies.bounds().stream().map(bound -> bound.toNanos() / 1e9),
              Stream.of(Double.POSITIVE_INFINITY))
          .toList();

  private final Fleet fleet;
  private final LoopControl control;

  GatewayMetrics(Fleet fleet, LoopControl control) {
    this.fleet = fleet;
    this.control = control;
  }

  @Override
  public MetricSnapshots collect() {
    List<LoopView> views = control.views();
    Map<Account, Figures> accounts = new HashMap<>();
    views.forEach(view ->
        view.figures()
            .forEach((account, figures) ->
                accounts.computeIfAbsent(account, absent -> new Figures()).add(figures)));
    MetricSnapshots.Builder all = MetricSnapshots.builder();
    ofAccounts(all, accounts);
    ofPools(all, views.stream().flatMap(view -> view.pools().stream()).toList());
    ofClients(all, views.stream().flatMap(view -> view.clients().stream()).toList());
    totals(all, views);
    state(all, views);
    return all.build();
  }

  private static Labels labels(Account account) {
    return Labels.of("database", account.database(), "user", account.user());
  }

  private static void ofAccounts(MetricSnapshots.Builder all, Map<Account, Figures> accounts) {
    all.metricSnapshot(
        latencies(
            "query_seconds",
            "Time from a request to the answer that ends it.",
            accounts,
            Figures::queries));
    all.metricSnapshot(
        latencies(
            "transaction_seconds",
            "Time from a transaction's first request to its end.",
            accounts,
            Figures::transactions));
    var waits =
        HistogramSnapshot.builder()
            .name(PREFIX + "wait_seconds")
            .help("Time from the wish for a server to having one; most need not wait.");
    accounts.forEach(
        (account, figures) -> waits.dataPoint(point(labels(account), figures.waits())));
    all.metricSnapshot(waits.build());
    all.metricSnapshot(
        counter("received_bytes", "Bytes of messages from clients.", accounts, f -> f.received));
    all.metricSnapshot(
        counter("sent_bytes", "Bytes of messages from servers to clients.", accounts, f -> f.sent));
    all.metricSnapshot(
        counter("logins", "Clients that logged in.", accounts, figures -> figures.logins));
    all.metricSnapshot(
        counter(
            "client_parses",
            "Named prepared statements that clients made.",
            accounts,
            figures -> figures.clientParses));
    all.metricSnapshot(
        counter(
            "server_parses",
            "Prepared statements that the gateway made on servers.",
            accounts,
            figures -> figures.serverParses));
    all.metricSnapshot(
        counter("binds", "Prepared statements bound.", accounts, figures -> figures.binds));
    all.metricSnapshot(
        counters(
            "errors",
            "Errors that clients got, by the class of their SQLSTATE.",
            "class",
            accounts,
            Figures::errors));
    all.metricSnapshot(
        counters(
            "pins",
            "Clients that were tied to a server, by reason.",
            "reason",
            accounts,
            Figures::pins));
  }

  private static HistogramSnapshot latencies(
      String name,
      String help,
      Map<Account, Figures> accounts,
      java.util.function.BiFunction<Figures, Route, Latencies> of) {
    var histogram = HistogramSnapshot.builder().name(PREFIX + name).help(help);
    accounts.forEach((account, figures) -> {
      for (Route route : Route.values()) {
        Labels labels = labels(account).add("route", route.label());
        histogram.dataPoint(point(labels, of.apply(figures, route)));
      }
    });
    return histogram.build();
  }

  private static HistogramSnapshot.HistogramDataPointSnapshot point(
      Labels labels, Latencies latencies) {
    ClassicHistogramBuckets.Builder buckets = ClassicHistogramBuckets.builder();
    for (int i = 0; i < BOUNDS.size(); i++) {
      buckets.bucket(BOUNDS.get(i), latencies.count(i));
    }
    return HistogramSnapshot.HistogramDataPointSnapshot.builder()
        .labels(labels)
        .classicHistogramBuckets(buckets.build())
        .sum(latencies.sum().toNanos() / 1e9)
        .build();
  }

  private static CounterSnapshot counter(
      String name, String help, Map<Account, Figures> accounts, ToDoubleFunction<Figures> of) {
    var counter = CounterSnapshot.builder().name(PREFIX + name).help(help);
    accounts.forEach((account, figures) ->
        counter.dataPoint(
            CounterSnapshot.CounterDataPointSnapshot.builder()
                .labels(labels(account))
                .value(of.applyAsDouble(figures))
                .build()));
    return counter.build();
  }

  private static CounterSnapshot counters(
      String name,
      String help,
      String label,
      Map<Account, Figures> accounts,
      Function<Figures, Map<String, Long>> of) {
    var counter = CounterSnapshot.builder().name(PREFIX + name).help(help);
    accounts.forEach((account, figures) ->
        of.apply(figures)
            .forEach((kind, count) ->
                counter.dataPoint(
                    CounterSnapshot.CounterDataPointSnapshot.builder()
                        .labels(labels(account).add(label, kind))
                        .value(count.doubleValue())
                        .build())));
    return counter.build();
  }

  private static void ofPools(MetricSnapshots.Builder all, List<PoolRow> pools) {
    Map<Account, List<PoolRow>> grouped =
        pools.stream()
            .collect(Collectors.groupingBy(pool -> new Account(pool.database(), pool.user())));
    var servers =
        GaugeSnapshot.builder().name(PREFIX + "servers").help("Server connections, by state.");
    var waiting =
        GaugeSnapshot.builder()
            .name(PREFIX + "clients_waiting")
            .help("Clients that wait for a server.");
    var longest =
        GaugeSnapshot.builder()
            .name(PREFIX + "longest_wait_seconds")
            .help("How long the first client of the queue has waited.");
    grouped.forEach((account, same) -> {
      Map<String, Integer> states =
          Map.of(
              "active", same.stream().mapToInt(PoolRow::active).sum(),
              "idle", same.stream().mapToInt(PoolRow::idle).sum(),
              "preparing", same.stream().mapToInt(PoolRow::tested).sum(),
              "login", same.stream().mapToInt(PoolRow::login).sum(),
              "canceling", same.stream().mapToInt(PoolRow::canceling).sum());
      states.forEach(
          (state, count) -> servers.dataPoint(gauge(labels(account).add("state", state), count)));
      waiting.dataPoint(gauge(labels(account), same.stream().mapToInt(PoolRow::waiting).sum()));
      Duration most =
          same.stream().map(PoolRow::longestWait).max(Duration::compareTo).orElse(Duration.ZERO);
      longest.dataPoint(gauge(labels(account), most.toNanos() / 1e9));
    });
    all.metricSnapshot(servers.build());
    all.metricSnapshot(waiting.build());
    all.metricSnapshot(longest.build());
  }

  private static GaugeSnapshot.GaugeDataPointSnapshot gauge(Labels labels, double value) {
    return GaugeSnapshot.GaugeDataPointSnapshot.builder().labels(labels).value(value).build();
  }

  private static void ofClients(MetricSnapshots.Builder all, List<ClientRow> clients) {
    var states = GaugeSnapshot.builder().name(PREFIX + "clients").help("Clients, by state.");
    Map<String, Long> counts =
        clients.stream()
            .collect(Collectors.groupingBy(client -> client.link().state(), Collectors.counting()));
    for (String state : List.of("active", "idle", "waiting", "login")) {
      states.dataPoint(gauge(Labels.of("state", state), counts.getOrDefault(state, 0L)));
    }
    all.metricSnapshot(states.build());
    var pinned =
        GaugeSnapshot.builder()
            .name(PREFIX + "clients_pinned")
            .help("Clients tied to one server, by reason.");
    clients.stream()
        .filter(client -> !client.pins().isEmpty())
        .collect(Collectors.groupingBy(ClientRow::pins, Collectors.counting()))
        .forEach((reason, count) -> pinned.dataPoint(gauge(Labels.of("reason", reason), count)));
    all.metricSnapshot(pinned.build());
  }

  private void totals(MetricSnapshots.Builder all, List<LoopView> views) {
    GatewayStatus.Totals sum =
        views.stream()
            .map(LoopView::totals)
            .reduce(GatewayStatus.Totals::plus)
            .orElseThrow(() -> new IllegalStateException("a gateway has a loop"));
    single(all, "login_failures", "Logins with a wrong password or user.", sum.failedLogins());
    single(all, "server_connections", "Server connections opened.", sum.serverConnections());
    single(all, "servers_lost", "Servers lost while a client used them.", sum.serversLost());
    single(all, "wait_timeouts", "Requests for which no server came free.", sum.waitTimeouts());
    single(all, "cancels", "Cancel requests passed on.", sum.cancels());
    single(
        all,
        "protocol_violations",
        "Connections closed for bytes outside the protocol.",
        sum.protocolViolations());
    single(all, "log_lines", "Lines of the event log.", fleet.events.written());
    single(
        all,
        "log_lines_dropped",
        "Lines of the event log that were dropped, as too many came.",
        fleet.events.dropped());
  }

  private static void single(MetricSnapshots.Builder all, String name, String help, long value) {
    all.metricSnapshot(
        CounterSnapshot.builder()
            .name(PREFIX + name)
            .help(help)
            .dataPoint(
                CounterSnapshot.CounterDataPointSnapshot.builder().value((double) value).build())
            .build());
  }

  private void state(MetricSnapshots.Builder all, List<LoopView> views) {
    boolean primary = fleet.primary().isPresent();
    one(
        all,
        "held",
        "1 while new transactions are held.",
        fleet.paused() || fleet.holds.paused() || !primary ? 1 : 0);
    one(
        all,
        "held_bytes",
        "Bytes of requests kept for clients that wait.",
        views.stream().mapToLong(LoopView::heldBytes).sum());
    one(all, "primary_known", "1 while there is a primary.", primary ? 1 : 0);
    one(
        all,
        "primary_term",
        "The number of the primary's reign; 0 without one.",
        fleet.primary().map(Primary::term).orElse(0L));
    one(
        all,
        "max_clients",
        "The most clients that are admitted.",
        fleet.settings.maxClientConnections());
  }

  private static void one(MetricSnapshots.Builder all, String name, String help, long value) {
    all.metricSnapshot(
        GaugeSnapshot.builder()
            .name(PREFIX + name)
            .help(help)
            .dataPoint(gauge(Labels.EMPTY, (double) value))
            .build());
  }
}
