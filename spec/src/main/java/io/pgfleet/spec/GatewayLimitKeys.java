package io.pgfleet.spec;

import io.pgfleet.spec.setting.Kind;
import io.pgfleet.spec.setting.OrWord;
import io.pgfleet.spec.setting.Setting;
import io.pgfleet.spec.setting.Size;
import io.pgfleet.spec.setting.Values;
import io.pgfleet.spec.setting.Whole;
import java.util.List;

/** How much the gateway takes and holds; keys of the section {@code gateway} itself. */
final class GatewayLimitKeys {
  static final Whole POOL = new Whole("a number of connections", 1, 10_000);
  static final Whole PERHAPS_NONE = new Whole("a number of connections", 0, 10_000);

  /** 0 stands for no limit. */
  static final Kind<Integer> UNLIMITED = new OrWord<>(POOL, "unlimited", 0);

  static final Setting<Integer> MAX_CLIENT_CONN =
      Setting.withDefault(
          "max_client_conn",
          new Whole("a number of clients", 1, 1_000_000),
          "1000",
          "The most clients that may be connected at once.");
  static final Setting<Integer> DEFAULT_POOL_SIZE =
      Setting.withDefault(
          "default_pool_size",
          POOL,
          "20",
          "The most server connections for one user in one database.");
  static final Setting<Integer> MIN_POOL_SIZE =
      Setting.withDefault(
          "min_pool_size",
          PERHAPS_NONE,
          "0",
          "How many server connections a pool keeps open while it has clients, also unused ones.");
  static final Setting<Integer> RESERVE_POOL_SIZE =
      Setting.withDefault(
          "reserve_pool_size",
          PERHAPS_NONE,
          "0",
          "How many more server connections a pool may open when a client has waited for"
              + " `reserve_pool_timeout`.");
  static final Setting<Integer> MAX_DB_CONNECTIONS =
      Setting.withDefault(
          "max_db_connections",
          UNLIMITED,
          "unlimited",
          "The most server connections to one database, over all users.");
  static final Setting<Integer> MAX_USER_CONNECTIONS =
      Setting.withDefault(
          "max_user_connections",
          UNLIMITED,
          "unlimited",
          "The most server connections of one user, over all databases.");
  static final Setting<Integer> MAX_PREPARED_STATEMENTS =
      Setting.withDefault(
          "max_prepared_statements",
          new Whole("a number of statements", 1, 100_000),
          "200",
          "How many prepared statements are kept on one server connection.");
  static final Setting<Long> MAX_HELD_BYTES =
      Setting.withDefault(
          "max_held_bytes",
          new Size(0, 1L << 40),
          "64MB",
          "The most memory for requests of clients that wait for a server.");

  static final List<Setting<?>> SETTINGS =
      List.of(
          MAX_CLIENT_CONN,
          DEFAULT_POOL_SIZE,
          MIN_POOL_SIZE,
          RESERVE_POOL_SIZE,
          MAX_DB_CONNECTIONS,
          MAX_USER_CONNECTIONS,
          MAX_PREPARED_STATEMENTS,
          MAX_HELD_BYTES);

  private GatewayLimitKeys() {}

  static GatewaySpec.Limits record(Values values) {
    return new GatewaySpec.Limits(
        values.get(MAX_CLIENT_CONN),
        values.get(DEFAULT_POOL_SIZE),
        values.get(MIN_POOL_SIZE),
        values.get(RESERVE_POOL_SIZE),
        values.get(MAX_DB_CONNECTIONS),
        values.get(MAX_USER_CONNECTIONS),
        values.get(MAX_PREPARED_STATEMENTS),
        values.get(MAX_HELD_BYTES));
  }
}
