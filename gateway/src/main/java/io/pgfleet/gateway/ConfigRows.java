package io.pgfleet.gateway;

import io.pgfleet.gateway.admin.View.SettingRow;
import io.pgfleet.gateway.observe.ObserveSettings;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;

/** The settings by PgBouncer's names, times in seconds as it gives them. */
final class ConfigRows {
  /** What SET can change. */
  static final List<String> CHANGEABLE =
      List.of("admin_users", "log_connections", "log_slow_query", "stats_users");

  private ConfigRows() {}

  static List<SettingRow> of(GatewaySettings settings, ObserveSettings observe) {
    Map<String, String> usual =
        values(
            GatewaySettings.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 6432)),
            ObserveSettings.NONE);
    return values(settings, observe).entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .map(entry ->
            new SettingRow(
                entry.getKey(),
                entry.getValue(),
                usual.get(entry.getKey()),
                CHANGEABLE.contains(entry.getKey())))
        .toList();
  }

  private static Map<String, String> values(GatewaySettings settings, ObserveSettings observe) {
    PoolSettings pool = settings.pools().defaults();
    Map<String, String> all = new LinkedHashMap<>();
    all.put("listen_addr", settings.listen().getHostString());
    all.put("listen_port", String.valueOf(settings.listen().getPort()));
    all.put("loops", String.valueOf(settings.loops()));
    all.put("pool_mode", pool.poolMode().name().toLowerCase(Locale.ROOT));
    all.put("default_pool_size", String.valueOf(pool.poolSize()));
    all.put("min_pool_size", String.valueOf(pool.minPoolSize()));
    all.put("reserve_pool_size", String.valueOf(pool.reservePoolSize()));
    all.put("reserve_pool_timeout", seconds(pool.reservePoolTimeout()));
    all.put("max_db_connections", String.valueOf(pool.maxDbConnections()));
    all.put("max_user_connections", String.valueOf(pool.maxUserConnections()));
    all.put("max_client_conn", String.valueOf(settings.maxClientConnections()));
    all.put("max_prepared_statements", String.valueOf(settings.maxPreparedStatements()));
    all.put("query_wait_timeout", seconds(pool.queryWaitTimeout()));
    all.put("query_timeout", seconds(pool.queryTimeout()));
    all.put("idle_transaction_timeout", seconds(pool.idleTransactionTimeout()));
    all.put("transaction_timeout", seconds(pool.transactionTimeout()));
    all.put("client_idle_timeout", seconds(pool.clientIdleTimeout()));
    all.put("client_login_timeout", seconds(settings.loginTimeout()));
    all.put("server_lifetime", seconds(pool.serverLifetime()));
    all.put("server_idle_timeout", seconds(pool.serverIdleTimeout()));
    all.put("server_connect_timeout", seconds(settings.connectTimeout()));
    all.put("server_login_retry", seconds(settings.serverLoginRetry()));
    all.put("cancel_wait_timeout", seconds(settings.cancelWaitTimeout()));
    all.put("stats_period", seconds(Averages.PERIOD));
    all.put("admin_users", String.join(",", new TreeSet<>(observe.adminUsers())));
    all.put("stats_users", String.join(",", new TreeSet<>(observe.statsUsers())));
    all.put("log_connections", observe.connections() ? "1" : "0");
    all.put("log_slow_query", observe.slowQuery().map(ConfigRows::seconds).orElse(""));
    return all;
  }

  private static String seconds(Duration time) {
    return time.toMillis() % 1000 == 0
        ? String.valueOf(time.toSeconds())
        : String.valueOf(time.toMillis() / 1000.0);
  }
}
