package io.pgfleet.spec;

import io.pgfleet.spec.setting.Kind;
import io.pgfleet.spec.setting.OrWord;
import io.pgfleet.spec.setting.Setting;
import io.pgfleet.spec.setting.Time;
import io.pgfleet.spec.setting.Values;
import java.time.Duration;
import java.util.List;

/** How long the gateway waits; keys of the section {@code gateway} itself. */
final class GatewayTimeKeys {
  private static final Kind<Duration> BRIEF =
      new Time(Duration.ofMillis(100), Duration.ofMinutes(10));
  static final Kind<Duration> OR_OFF =
      new OrWord<>(new Time(Duration.ofMillis(10), Duration.ofDays(7)), "off", Duration.ZERO);

  static final Kind<Duration> LIFETIME = new Time(Duration.ofSeconds(1), Duration.ofDays(30));

  static final Setting<Duration> QUERY_WAIT_TIMEOUT =
      Setting.withDefault(
          "query_wait_timeout",
          new Time(Duration.ofMillis(100), Duration.ofDays(1)),
          "120s",
          "How long a client may wait for a server connection; so long, too, it is held while a"
              + " primary moves.");
  static final Setting<Duration> RESERVE_POOL_TIMEOUT =
      Setting.withDefault(
          "reserve_pool_timeout",
          BRIEF,
          "5s",
          "After how long a wait a client may have a connection of the reserve pool.");
  static final Setting<Duration> QUERY_TIMEOUT =
      Setting.withDefault(
          "query_timeout",
          OR_OFF,
          "off",
          "After how long a statement is cancelled; its client stays connected.");
  static final Setting<Duration> TRANSACTION_TIMEOUT =
      Setting.withDefault(
          "transaction_timeout",
          OR_OFF,
          "off",
          "After how long a transaction is rolled back; its client stays connected.");
  static final Setting<Duration> IDLE_TRANSACTION_TIMEOUT =
      Setting.withDefault(
          "idle_transaction_timeout",
          OR_OFF,
          "off",
          "How long a client may leave a transaction open without a statement.");
  static final Setting<Duration> CLIENT_IDLE_TIMEOUT =
      Setting.withDefault(
          "client_idle_timeout",
          OR_OFF,
          "off",
          "How long a client may be connected without a statement.");
  static final Setting<Duration> CLIENT_LOGIN_TIMEOUT =
      Setting.withDefault(
          "client_login_timeout", BRIEF, "60s", "How long a client may take to log in.");
  static final Setting<Duration> SERVER_CONNECT_TIMEOUT =
      Setting.withDefault(
          "server_connect_timeout",
          BRIEF,
          "15s",
          "How long connecting to a server and logging in there may take.");
  static final Setting<Duration> SERVER_LOGIN_RETRY =
      Setting.withDefault(
          "server_login_retry",
          BRIEF,
          "1s",
          "The longest pause between two tries to open a server connection; the first ones come"
              + " sooner.");
  static final Setting<Duration> SERVER_LIFETIME =
      Setting.withDefault(
          "server_lifetime",
          LIFETIME,
          "1h",
          "After how long a server connection is closed once nobody uses it.");
  static final Setting<Duration> SERVER_IDLE_TIMEOUT =
      Setting.withDefault(
          "server_idle_timeout",
          new Time(Duration.ofSeconds(1), Duration.ofDays(7)),
          "10m",
          "After how long an unused server connection is closed.");
  static final Setting<Duration> CANCEL_WAIT_TIMEOUT =
      Setting.withDefault(
          "cancel_wait_timeout",
          BRIEF,
          "10s",
          "How long a client's request to cancel may take to reach its server.");
  static final Setting<Duration> HOLD_TIMEOUT =
      Setting.withDefault(
          "hold_timeout",
          BRIEF,
          "10s",
          "How long a planned move of the primary waits for running transactions; if some still"
              + " run then, the primary stays.");
  static final Setting<Duration> DRAIN_TIMEOUT =
      Setting.withDefault(
          "drain_timeout",
          new Time(Duration.ofMillis(100), Duration.ofDays(1)),
          "5m",
          "How long a gateway that hands over to another serves the clients it has.");

  static final List<Setting<?>> SETTINGS =
      List.of(
          QUERY_WAIT_TIMEOUT,
          RESERVE_POOL_TIMEOUT,
          QUERY_TIMEOUT,
          TRANSACTION_TIMEOUT,
          IDLE_TRANSACTION_TIMEOUT,
          CLIENT_IDLE_TIMEOUT,
          CLIENT_LOGIN_TIMEOUT,
          SERVER_CONNECT_TIMEOUT,
          SERVER_LOGIN_RETRY,
          SERVER_LIFETIME,
          SERVER_IDLE_TIMEOUT,
          CANCEL_WAIT_TIMEOUT,
          HOLD_TIMEOUT,
          DRAIN_TIMEOUT);

  private GatewayTimeKeys() {}

  static GatewaySpec.Timeouts record(Values values) {
    return new GatewaySpec.Timeouts(
        values.get(QUERY_WAIT_TIMEOUT),
        values.get(RESERVE_POOL_TIMEOUT),
        values.get(QUERY_TIMEOUT),
        values.get(TRANSACTION_TIMEOUT),
        values.get(IDLE_TRANSACTION_TIMEOUT),
        values.get(CLIENT_IDLE_TIMEOUT),
        values.get(CLIENT_LOGIN_TIMEOUT),
        values.get(SERVER_CONNECT_TIMEOUT),
        values.get(SERVER_LOGIN_RETRY),
        values.get(SERVER_LIFETIME),
        values.get(SERVER_IDLE_TIMEOUT),
        values.get(CANCEL_WAIT_TIMEOUT),
        values.get(HOLD_TIMEOUT),
        values.get(DRAIN_TIMEOUT));
  }
}
