package io.pgfleet.gateway;

import java.util.function.Consumer;

/**
 * How much a gateway takes and holds.
 *
 * @param maxClientConn clients beyond it are refused with SQLSTATE 53300
 * @param defaultPoolSize server connections per database and user, over all loops
 * @param minPoolSize server connections that a pool with clients keeps open
 * @param reservePoolSize more connections for clients that waited {@link Timeouts#reservePool}
 * @param maxDbConnections server connections to one database; 0 for no limit
 * @param maxUserConnections server connections of one user; 0 for no limit
 * @param maxPreparedStatements kept on one server connection
 * @param maxHeldBytes requests of waiting clients kept in memory, over all clients
 */
public record Limits(
    int maxClientConn,
    int defaultPoolSize,
    int minPoolSize,
    int reservePoolSize,
    int maxDbConnections,
    int maxUserConnections,
    int maxPreparedStatements,
    long maxHeldBytes) {
  /** The defaults: PgBouncer's figures where it has the same setting. */
  public static final Limits DEFAULT = new Limits(1000, 20, 0, 0, 0, 0, 200, 64L << 20);

  public Limits {
    atLeast(1, maxClientConn, "maxClientConn");
    atLeast(1, defaultPoolSize, "defaultPoolSize");
    atLeast(0, minPoolSize, "minPoolSize");
    atLeast(0, reservePoolSize, "reservePoolSize");
    atLeast(0, maxDbConnections, "maxDbConnections");
    atLeast(0, maxUserConnections, "maxUserConnections");
    atLeast(1, maxPreparedStatements, "maxPreparedStatements");
    atLeast(0, maxHeldBytes, "maxHeldBytes");
  }

  static void atLeast(int least, long value, String name) {
    if (value < least) {
      throw new IllegalArgumentException(name + " is " + value + ", must be at least " + least);
    }
  }

  /** The same but for what the change sets. */
  public Limits with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.limits();
  }

  /** Limits in the making. */
  public static final class Draft {
    public int maxClientConn;
    public int defaultPoolSize;
    public int minPoolSize;
    public int reservePoolSize;
    public int maxDbConnections;
    public int maxUserConnections;
    public int maxPreparedStatements;
    public long maxHeldBytes;

    private Draft(Limits from) {
      maxClientConn = from.maxClientConn;
      defaultPoolSize = from.defaultPoolSize;
      minPoolSize = from.minPoolSize;
      reservePoolSize = from.reservePoolSize;
      maxDbConnections = from.maxDbConnections;
      maxUserConnections = from.maxUserConnections;
      maxPreparedStatements = from.maxPreparedStatements;
      maxHeldBytes = from.maxHeldBytes;
    }

    private Limits limits() {
      return new Limits(
          maxClientConn,
          defaultPoolSize,
          minPoolSize,
          reservePoolSize,
          maxDbConnections,
          maxUserConnections,
          maxPreparedStatements,
          maxHeldBytes);
    }
  }
}
