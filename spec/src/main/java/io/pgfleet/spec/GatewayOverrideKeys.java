package io.pgfleet.spec;

import io.pgfleet.spec.setting.Choice;
import io.pgfleet.spec.setting.Keyed;
import io.pgfleet.spec.setting.Section;
import io.pgfleet.spec.setting.Setting;
import io.pgfleet.spec.setting.Text;
import io.pgfleet.spec.setting.Values;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** What differs for one database or one user; keys of the section {@code gateway}. */
final class GatewayOverrideKeys {
  private static final String AS_ABOVE = "as in `gateway`";

  /** Any name PostgreSQL can hold: the gateway serves databases that are not in the file, too. */
  private static final Text NAME =
      new Text("a name", "[^\\u0000-\\u001f]{1,63}", "write the name as PostgreSQL has it");

  static final Setting<PoolMode> POOL_MODE =
      Setting.optional(
          "pool_mode",
          new Choice<>(GatewayKeys.poolModes()),
          AS_ABOVE,
          "For how long a client keeps a server connection.");
  static final Setting<Integer> POOL_SIZE =
      Setting.optional(
          "pool_size",
          GatewayLimitKeys.POOL,
          AS_ABOVE + ": `default_pool_size`",
          "The most server connections for one user in one database.");
  static final Setting<Integer> MIN_POOL_SIZE =
      Setting.optional(
          "min_pool_size",
          GatewayLimitKeys.PERHAPS_NONE,
          AS_ABOVE,
          "How many server connections each of its pools keeps open.");
  static final Setting<Integer> RESERVE_POOL_SIZE =
      Setting.optional(
          "reserve_pool_size",
          GatewayLimitKeys.PERHAPS_NONE,
          AS_ABOVE,
          "How many more server connections each of its pools may open for clients that wait.");
  static final Setting<Integer> MAX_DB_CONNECTIONS =
      Setting.optional(
          "max_db_connections",
          GatewayLimitKeys.UNLIMITED,
          AS_ABOVE,
          "The most server connections to this database, over all users.");
  static final Setting<Duration> QUERY_TIMEOUT =
      Setting.optional(
          "query_timeout",
          GatewayTimeKeys.OR_OFF,
          AS_ABOVE,
          "After how long a statement is cancelled; its client stays connected.");
  static final Setting<Duration> TRANSACTION_TIMEOUT =
      Setting.optional(
          "transaction_timeout",
          GatewayTimeKeys.OR_OFF,
          AS_ABOVE,
          "After how long a transaction is rolled back; its client stays connected.");
  static final Setting<Duration> IDLE_TRANSACTION_TIMEOUT =
      Setting.optional(
          "idle_transaction_timeout",
          GatewayTimeKeys.OR_OFF,
          AS_ABOVE,
          "How long a client may leave a transaction open without a statement.");
  static final Setting<Duration> CLIENT_IDLE_TIMEOUT =
      Setting.optional(
          "client_idle_timeout",
          GatewayTimeKeys.OR_OFF,
          AS_ABOVE,
          "How long a client may be connected without a statement.");
  static final Setting<Duration> SERVER_LIFETIME =
      Setting.optional(
          "server_lifetime",
          GatewayTimeKeys.LIFETIME,
          AS_ABOVE,
          "After how long a server connection is closed once nobody uses it.");
  static final Setting<GatewaySpec.ReadMode> READS =
      Setting.optional(
          "reads",
          new Choice<>(GatewayReadKeys.modes()),
          AS_ABOVE + ": `reads.mode`",
          "Whether statements that only read may run on standbys.");
  static final Setting<Integer> MAX_USER_CONNECTIONS =
      Setting.optional(
          "max_user_connections",
          GatewayLimitKeys.UNLIMITED,
          AS_ABOVE,
          "The most server connections of this user, over all databases.");

  static final Setting<Map<String, Values>> DATABASES =
      Setting.withDefault(
          "databases",
          new Keyed<>(
              "a mapping of databases by name",
              NAME,
              Section.of(
                  "a mapping of keys such as pool_mode and pool_size",
                  POOL_MODE,
                  POOL_SIZE,
                  MIN_POOL_SIZE,
                  RESERVE_POOL_SIZE,
                  MAX_DB_CONNECTIONS,
                  QUERY_TIMEOUT,
                  TRANSACTION_TIMEOUT,
                  IDLE_TRANSACTION_TIMEOUT,
                  CLIENT_IDLE_TIMEOUT,
                  SERVER_LIFETIME,
                  READS),
              0,
              Map.of()),
          "{}",
          "What differs for clients of one database.");
  static final Setting<Map<String, Values>> USERS =
      Setting.withDefault(
          "users",
          new Keyed<>(
              "a mapping of users by name",
              NAME,
              Section.of(
                  "a mapping of keys such as pool_mode and max_user_connections",
                  POOL_MODE,
                  POOL_SIZE,
                  MIN_POOL_SIZE,
                  RESERVE_POOL_SIZE,
                  MAX_USER_CONNECTIONS,
                  QUERY_TIMEOUT,
                  TRANSACTION_TIMEOUT,
                  IDLE_TRANSACTION_TIMEOUT,
                  CLIENT_IDLE_TIMEOUT,
                  SERVER_LIFETIME),
              0,
              Map.of()),
          "{}",
          "What differs for one user; it wins over what differs for the database.");

  static final List<Setting<?>> SETTINGS = List.of(DATABASES, USERS);

  private GatewayOverrideKeys() {}

  static Map<String, GatewaySpec.Otherwise> databases(Values values) {
    return each(
        values.get(DATABASES),
        database -> otherwise(database, database.find(MAX_DB_CONNECTIONS), database.find(READS)));
  }

  static Map<String, GatewaySpec.Otherwise> users(Values values) {
    return each(
        values.get(USERS),
        user -> otherwise(user, user.find(MAX_USER_CONNECTIONS), Optional.empty()));
  }

  private static GatewaySpec.Otherwise otherwise(
      Values values, Optional<Integer> maxConnections, Optional<GatewaySpec.ReadMode> reads) {
    return new GatewaySpec.Otherwise(
        values.find(POOL_MODE),
        values.find(POOL_SIZE),
        values.find(MIN_POOL_SIZE),
        values.find(RESERVE_POOL_SIZE),
        maxConnections,
        values.find(QUERY_TIMEOUT),
        values.find(IDLE_TRANSACTION_TIMEOUT),
        values.find(TRANSACTION_TIMEOUT),
        values.find(CLIENT_IDLE_TIMEOUT),
        values.find(SERVER_LIFETIME),
        reads);
  }

  private static <T> Map<String, T> each(Map<String, Values> named, Function<Values, T> record) {
    Map<String, T> records = new LinkedHashMap<>();
    named.forEach((name, values) -> records.put(name, record.apply(values)));
    return Collections.unmodifiableMap(records);
  }
}
