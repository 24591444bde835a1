package io.pgfleet.gateway;

import io.pgfleet.gateway.admin.AdminRefusal;
import io.pgfleet.gateway.observe.MetricsServer;
import io.pgfleet.gateway.observe.ObserveSettings;
import io.pgfleet.wire.SqlState;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All that looks into a gateway: its admin database, its metrics, its log of events. */
final class Observation implements LoopControl.Whole, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Observation.class);
  private static final Pattern TIME = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,3})?)(ms|s|min|m|)");

  private final Fleet fleet;
  private final List<EventLoop> loops;
  private final Gateway gateway;
  private final LoopControl control;
  private final Thread sampler;
  private volatile @Nullable Callable<Optional<String>> reload;
  private volatile @Nullable MetricsServer metrics;

  Observation(Fleet fleet, List<EventLoop> loops, Gateway gateway) {
    this.fleet = fleet;
    this.loops = loops;
    this.gateway = gateway;
    this.control = new LoopControl(fleet, loops, gateway.address().getPort(), this);
    this.sampler = Thread.ofVirtual().name("gateway-averages").unstarted(this::sample);
    fleet.control(control);
  }

  /**
   * Begins to look.
   *
   * @throws IOException if metrics can't be served at their address
   */
  void start(ObserveSettings settings) throws IOException {
    fleet.events.start();
    sampler.start();
    apply(settings);
  }

  LoopControl control() {
    return control;
  }

  private void sample() {
    try {
      while (true) {
        Thread.sleep(Averages.PERIOD);
        control.sample();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IllegalStateException e) {
      LOG.debug("No more averages: {}", e.getMessage());
    }
  }

  synchronized void apply(ObserveSettings settings) throws IOException {
    MetricsServer before = metrics;
    Optional<InetSocketAddress> wanted = settings.metrics();
    if (!wanted.equals(fleet.observe().metrics())) {
      // the new one first: if its address is taken, the old one goes on
      metrics =
          wanted.isPresent()
              ? MetricsServer.start(wanted.get(), new GatewayMetrics(fleet, control))
              : null;
      if (before != null) {
        before.close();
      }
    }
    fleet.observe(settings);
    loops.forEach(loop -> loop.post(loop::observeChanged));
  }

  Optional<InetSocketAddress> metricsAddress() {
    return Optional.ofNullable(metrics).map(MetricsServer::address);
  }

  void onReload(Callable<Optional<String>> action) {
    reload = action;
  }

  @Override
  public void acceptNoMore() {
    gateway.acceptNoMore();
  }

  @Override
  public void end() {
    gateway.end();
  }

  @Override
  public Optional<String> reload() throws AdminRefusal {
    Callable<Optional<String>> action = reload;
    if (action == null) {
      throw new AdminRefusal(
          SqlState.FEATURE_NOT_SUPPORTED, "this gateway was started without a file to read again");
    }
    try {
      return action.call();
    } catch (Exception e) {
      throw new AdminRefusal("F0000", "nothing was changed: " + e.getMessage());
    }
  }

  @Override
  public void set(String key, String value) throws AdminRefusal {
    ObserveSettings now = fleet.observe();
    ObserveSettings changed =
        switch (key) {
          case "log_connections" -> now.withConnections(flag(key, value));
          case "log_slow_query" ->
              now.withSlowQuery(
                  value.isEmpty() || value.equals("-1")
                      ? Optional.empty()
                      : Optional.of(time(value)));
          case "admin_users" -> now.withUsers(names(value), now.statsUsers());
          case "stats_users" -> now.withUsers(now.adminUsers(), names(value));
          default ->
              throw new AdminRefusal(
                  SqlState.FEATURE_NOT_SUPPORTED,
                  key
                      + " can't be SET; change fleet.yaml and RELOAD. SET knows "
                      + String.join(", ", ConfigRows.CHANGEABLE));
        };
    try {
      apply(changed);
    } catch (IOException e) {
      throw new AdminRefusal(SqlState.INTERNAL_ERROR, String.valueOf(e.getMessage()));
    }
  }

  private static boolean flag(String key, String value) throws AdminRefusal {
    return switch (value.toLowerCase(Locale.ROOT)) {
      case "1", "on", "true", "yes" -> true;
      case "0", "off", "false", "no" -> false;
      default -> throw new AdminRefusal("22023", key + " is 1 or 0, not '" + value + "'");
    };
  }

  private static Duration time(String value) throws AdminRefusal {
    Matcher matcher = TIME.matcher(value);
    if (!matcher.matches()) {
      throw new AdminRefusal("22023", "'" + value + "' is not a duration, such as 250ms or 2s");
    }
    double count = Double.parseDouble(matcher.group(1));
    double milliseconds =
        switch (matcher.group(2)) {
          case "ms" -> count;
          case "m", "min" -> count * 60_000;
          default -> count * 1_000;
        };
    return Duration.ofMillis((long) milliseconds);
  }

  private static Set<String> names(String value) {
    return Arrays.stream(value.split(","))
        .map(String::strip)
        .filter(name -> !name.isEmpty())
        .collect(Collectors.toUnmodifiableSet());
  }

  @Override
  public void close() {
    sampler.interrupt();
    MetricsServer serving = metrics;
    if (serving != null) {
      serving.close();
    }
    fleet.events.close();
  }
}
