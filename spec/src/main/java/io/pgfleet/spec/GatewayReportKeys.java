package io.pgfleet.spec;

import io.pgfleet.spec.setting.Flag;
import io.pgfleet.spec.setting.OrWord;
import io.pgfleet.spec.setting.Section;
import io.pgfleet.spec.setting.Setting;
import io.pgfleet.spec.setting.Time;
import io.pgfleet.spec.setting.Values;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What the gateway tells of itself; keys of the section {@code gateway}. */
final class GatewayReportKeys {
  static final Setting<String> HOST =
      Setting.withDefault(
          "host", Forms.HOST, "127.0.0.1", "The address where metrics are read over HTTP.");
  static final Setting<Integer> PORT =
      Setting.withDefault(
          "port",
          new OrWord<>(Forms.PORT, "off", 0),
          "8432",
          "The port where metrics are read over HTTP, at `/metrics`.");
  static final Setting<Values> METRICS =
      Setting.section(
          "metrics",
          Section.of("a mapping of the keys host and port", HOST, PORT),
          "Where Prometheus reads the gateway's metrics.");
  static final Setting<Boolean> CONNECTIONS =
      Setting.withDefault(
          "connections",
          new Flag(),
          "false",
          "Whether each login and logout is a line of the log.");
  static final Setting<Duration> SLOW_QUERY =
      Setting.withDefault(
          "slow_query",
          new OrWord<>(new Time(Duration.ofMillis(1), Duration.ofDays(1)), "off", Duration.ZERO),
          "off",
          "Statements that took longer are logged, without the values in them.");
  static final Setting<Values> LOG =
      Setting.section(
          "log",
          Section.of("a mapping of the keys connections and slow_query", CONNECTIONS, SLOW_QUERY),
          "What the gateway writes to the log.");

  static final List<Setting<?>> SETTINGS = List.of(METRICS, LOG);

  private GatewayReportKeys() {}

  static Optional<HostPort> metrics(Values values) {
    Values metrics = values.get(METRICS);
    int port = metrics.get(PORT);
    return port == 0 ? Optional.empty() : Optional.of(new HostPort(metrics.get(HOST), port));
  }

  static GatewaySpec.Log log(Values values) {
    Values log = values.get(LOG);
    return new GatewaySpec.Log(log.get(CONNECTIONS), log.get(SLOW_QUERY));
  }
}
