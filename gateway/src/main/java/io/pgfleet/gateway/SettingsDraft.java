package io.pgfleet.gateway;

import io.pgfleet.gateway.observe.ObserveSettings;
import io.pgfleet.gateway.route.ReadSettings;
import java.net.InetSocketAddress;
import java.time.Duration;

/** {@link GatewaySettings} in the making. */
public final class SettingsDraft {
  public InetSocketAddress listen;
  public int loops;
  public PoolRules pools;
  public int maxClientConnections;
  public Duration loginTimeout;
  public Duration connectTimeout;
  public Duration serverLoginRetry;
  public Duration cancelWaitTimeout;
  public Duration holdTimeout;
  public Duration drainTimeout;
  public int maxPreparedStatements;
  public long maxHeldBytes;
  public AccessSettings access;
  public ReadSettings reads;
  public ObserveSettings observe;
  public CommitRules commits;
  public boolean sharesAddress;

  SettingsDraft(GatewaySettings from) {
    listen = from.listen();
    loops = from.loops();
    pools = from.pools();
    maxClientConnections = from.maxClientConnections();
    loginTimeout = from.loginTimeout();
    connectTimeout = from.connectTimeout();
    serverLoginRetry = from.serverLoginRetry();
    cancelWaitTimeout = from.cancelWaitTimeout();
    holdTimeout = from.holdTimeout();
    drainTimeout = from.drainTimeout();
    maxPreparedStatements = from.maxPreparedStatements();
    maxHeldBytes = from.maxHeldBytes();
    access = from.access();
    reads = from.reads();
    observe = from.observe();
    commits = from.commits();
    sharesAddress = from.sharesAddress();
  }

  GatewaySettings settings() {
    return new GatewaySettings(
        listen,
        loops,
        pools,
        maxClientConnections,
        loginTimeout,
        connectTimeout,
        serverLoginRetry,
        cancelWaitTimeout,
        holdTimeout,
        drainTimeout,
        maxPreparedStatements,
        maxHeldBytes,
        access,
        reads,
        observe,
        commits,
        sharesAddress);
  }
}
