package io.pgfleet.spec;

import io.pgfleet.spec.setting.Choice;
import io.pgfleet.spec.setting.Section;
import io.pgfleet.spec.setting.Setting;
import io.pgfleet.spec.setting.Time;
import io.pgfleet.spec.setting.Values;
import io.pgfleet.spec.setting.Whole;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** The section {@code gateway}. */
final class GatewayKeys {
  static final Setting<String> HOST =
      Setting.withDefault(
          "host",
          Forms.HOST,
          "127.0.0.1",
          "The address where the gateway listens for applications; `0.0.0.0` for every IPv4"
              + " address of its host.");
  static final Setting<Integer> PORT =
      Setting.withDefault(
          "port", Forms.PORT, "6432", "The port where the gateway listens for applications.");
  static final Setting<PoolMode> POOL_MODE =
      Setting.withDefault(
          "pool_mode",
          new Choice<>(words()),
          "transaction",
          "For how long a client keeps a server connection: for a `transaction`, or for its"
              + " `session`.");
  static final Setting<Integer> DEFAULT_POOL_SIZE =
      Setting.withDefault(
          "default_pool_size",
          new Whole("a number of connections", 1, 10_000),
          "20",
          "The most server connections for one user in one database.");
  static final Setting<Integer> MAX_CLIENT_CONN =
      Setting.withDefault(
          "max_client_conn",
          new Whole("a number of clients", 1, 1_000_000),
          "1000",
          "The most clients that may be connected at once.");
  static final Setting<Duration> QUERY_WAIT_TIMEOUT =
      Setting.withDefault(
          "query_wait_timeout",
          new Time(Duration.ofMillis(100), Duration.ofDays(1)),
          "120s",
          "How long a client may wait for a server connection; so long, too, it is held while a"
              + " primary moves.");
  static final Setting<Duration> SERVER_IDLE_TIMEOUT =
      Setting.withDefault(
          "server_idle_timeout",
          new Time(Duration.ofSeconds(1), Duration.ofDays(7)),
          "10m",
          "After how long an unused server connection is closed.");
  static final Setting<Duration> SERVER_LIFETIME =
      Setting.withDefault(
          "server_lifetime",
          new Time(Duration.ofSeconds(1), Duration.ofDays(30)),
          "1h",
          "After how long a server connection is closed once nobody uses it.");
  static final Setting<Integer> LOOPS =
      Setting.withDefault(
          "loops",
          new Whole("a number of event loops", 1, 256),
          "1",
          "How many event loops serve the clients; more than one only pays on many cores.");
  static final Section SECTION =
      Section.of(
          "a mapping of keys such as port and pool_mode",
          HOST,
          PORT,
          POOL_MODE,
          DEFAULT_POOL_SIZE,
          MAX_CLIENT_CONN,
          QUERY_WAIT_TIMEOUT,
          SERVER_IDLE_TIMEOUT,
          SERVER_LIFETIME,
          LOOPS);

  private GatewayKeys() {}

  static GatewaySpec record(Values values) {
    return new GatewaySpec(
        new HostPort(values.get(HOST), values.get(PORT)),
        values.get(POOL_MODE),
        values.get(DEFAULT_POOL_SIZE),
        values.get(MAX_CLIENT_CONN),
        values.get(QUERY_WAIT_TIMEOUT),
        values.get(SERVER_IDLE_TIMEOUT),
        values.get(SERVER_LIFETIME),
        values.get(LOOPS));
  }

  private static Map<String, PoolMode> words() {
    Map<String, PoolMode> words = new LinkedHashMap<>();
    words.put("transaction", PoolMode.TRANSACTION);
    words.put("session", PoolMode.SESSION);
    return words;
  }
}
