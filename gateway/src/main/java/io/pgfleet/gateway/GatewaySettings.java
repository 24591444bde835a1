package io.pgfleet.gateway;

import io.pgfleet.gateway.observe.ObserveSettings;
import io.pgfleet.gateway.route.ReadSettings;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * What a gateway is started with, and what a reload replaces. Immutable; changed copies come from
 * {@link #with}.
 *
 * @param listen address for clients; port 0 takes a free one
 * @param loops event loops, each with its own clients and servers; bounds are over all of them
 * @param pools what holds for the pools of each database and user
 * @param maxClientConnections clients beyond it are refused with SQLSTATE 53300
 * @param loginTimeout from accepting a client to the end of its login
 * @param connectTimeout from connecting to a server to the end of the login there
 * @param serverLoginRetry the longest pause between tries to log in to a server that fails; the
 *     first pauses are shorter
 * @param cancelWaitTimeout how long a cancel request may take; a server that has not stopped its
 *     statement so long after it is closed
 * @param holdTimeout how long pausing and closing wait for running transactions
 * @param drainTimeout how long a gateway that hands over serves the clients it has
 * @param maxPreparedStatements kept on one server connection
 * @param maxHeldBytes requests of waiting clients kept in memory, over all clients
 * @param access how clients reach the gateway and prove who they are, and how it reaches servers
 * @param reads which statements standbys answer
 * @param observe who may look into the gateway, and what it writes down
 * @param commits whether clients may make their commits wait for less
 * @param sharesAddress whether another process of the same user may listen on the same address, to
 *     take it over
 */
public record GatewaySettings(
    InetSocketAddress listen,
    int loops,
    PoolRules pools,
    int maxClientConnections,
    Duration loginTimeout,
    Duration connectTimeout,
    Duration serverLoginRetry,
    Duration cancelWaitTimeout,
    Duration holdTimeout,
    Duration drainTimeout,
    int maxPreparedStatements,
    long maxHeldBytes,
    AccessSettings access,
    ReadSettings reads,
    ObserveSettings observe,
    CommitRules commits,
    boolean sharesAddress) {
  public GatewaySettings {
    atLeastOne(loops, "loops");
    atLeastOne(maxClientConnections, "maxClientConnections");
    atLeastOne(maxPreparedStatements, "maxPreparedStatements");
    positive(loginTimeout, "loginTimeout");
    positive(connectTimeout, "connectTimeout");
    positive(serverLoginRetry, "serverLoginRetry");
    positive(cancelWaitTimeout, "cancelWaitTimeout");
    if (holdTimeout.isNegative() || drainTimeout.isNegative() || maxHeldBytes < 0) {
      throw new IllegalArgumentException(
          "holdTimeout, drainTimeout and maxHeldBytes may not be negative");
    }
  }

  private static void atLeastOne(int value, String name) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " is " + value + ", must be at least 1");
    }
  }

  private static void positive(Duration value, String name) {
    if (value.isNegative() || value.isZero()) {
      throw new IllegalArgumentException(name + " must be longer than zero");
    }
  }

  /** The defaults: transaction pooling, PgBouncer's figures where it has the same setting. */
  public static GatewaySettings of(InetSocketAddress listen) {
    return new GatewaySettings(
        listen,
        1,
        PoolRules.of(PoolSettings.DEFAULTS),
        1000,
        Duration.ofSeconds(60),
        Duration.ofSeconds(15),
        Duration.ofSeconds(1),
        Duration.ofSeconds(10),
        Duration.ofSeconds(10),
        Duration.ofMinutes(5),
        200,
        64L << 20,
        AccessSettings.DEFAULT,
        ReadSettings.DEFAULT,
        ObserveSettings.NONE,
        CommitRules.NONE,
        false);
  }

  /** The same but for what the change sets. */
  public GatewaySettings with(Consumer<SettingsDraft> change) {
    SettingsDraft draft = new SettingsDraft(this);
    change.accept(draft);
    return draft.settings();
  }

  /** The same with other rules for pools. */
  public GatewaySettings withPools(PoolRules rules) {
    return with(draft -> draft.pools = rules);
  }

  /** The same with other settings for the pools that have none of their own. */
  public GatewaySettings withPool(UnaryOperator<PoolSettings> change) {
    return withPools(
        new PoolRules(change.apply(pools.defaults()), pools.databases(), pools.users()));
  }

  /** The same with another pool mode. */
  public GatewaySettings withPoolMode(PoolMode mode) {
    return withPool(pool -> pool.with(draft -> draft.poolMode = mode));
  }

  /** The same with another size of pools, shared by this many loops. */
  public GatewaySettings withPoolSize(int poolSize, int loopCount) {
    return withPool(pool ->
            pool.with(draft -> {
              draft.poolSize = poolSize;
              draft.minPoolSize = Math.min(poolSize, pool.minPoolSize());
            }))
        .with(draft -> draft.loops = loopCount);
  }

  /** The same with another bound on clients. */
  public GatewaySettings withMaxClientConnections(int clients) {
    return with(draft -> draft.maxClientConnections = clients);
  }

  /** The same with other bounds on waiting for a server, logging in, and pausing or draining. */
  public GatewaySettings withTimeouts(Duration queryWait, Duration login, Duration drain) {
    return withPool(pool -> pool.with(draft -> draft.queryWaitTimeout = queryWait))
        .with(draft -> {
          draft.loginTimeout = login;
          draft.holdTimeout = drain;
          draft.drainTimeout = drain;
        });
  }

  /** The same with another bound on statements kept per server. */
  public GatewaySettings withMaxPreparedStatements(int statements) {
    return with(draft -> draft.maxPreparedStatements = statements);
  }

  /** The same with other ways of reaching the gateway and of logging in. */
  public GatewaySettings withAccess(AccessSettings other) {
    return with(draft -> draft.access = other);
  }

  /** The same with another bound on requests kept in memory. */
  public GatewaySettings withMaxHeldBytes(long bytes) {
    return with(draft -> draft.maxHeldBytes = bytes);
  }
}
