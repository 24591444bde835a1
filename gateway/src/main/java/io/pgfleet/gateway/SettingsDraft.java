package io.pgfleet.gateway;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@link GatewaySettings} in the making. */
public final class SettingsDraft {
  public InetSocketAddress listen;
  public Optional<Path> unixSocketDir;
  public int loops;
  public PoolMode poolMode;
  public Limits limits;
  public Timeouts timeouts;
  public GatewaySettings.Keepalive keepalive;
  public List<String> proxies;
  public GatewaySettings.ClientTls clientTls;
  public GatewaySettings.ServerTls serverTls;
  public GatewaySettings.Auth auth;
  public GatewaySettings.Reads reads;
  public Map<String, GatewaySettings.DatabaseOverride> databases;
  public Map<String, GatewaySettings.UserOverride> users;
  public List<String> adminUsers;
  public List<String> statsUsers;
  public Optional<InetSocketAddress> metrics;
  public GatewaySettings.Log log;

  SettingsDraft(GatewaySettings from) {
    listen = from.listen();
    unixSocketDir = from.unixSocketDir();
    loops = from.loops();
    poolMode = from.poolMode();
    limits = from.limits();
    timeouts = from.timeouts();
    keepalive = from.keepalive();
    proxies = from.proxies();
    clientTls = from.clientTls();
    serverTls = from.serverTls();
    auth = from.auth();
    reads = from.reads();
    databases = from.databases();
    users = from.users();
    adminUsers = from.adminUsers();
    statsUsers = from.statsUsers();
    metrics = from.metrics();
    log = from.log();
  }

  GatewaySettings settings() {
    return new GatewaySettings(
        listen,
        unixSocketDir,
        loops,
        poolMode,
        limits,
        timeouts,
        keepalive,
        proxies,
        clientTls,
        serverTls,
        auth,
        reads,
        databases,
        users,
        adminUsers,
        statsUsers,
        metrics,
        log);
  }
}
