package io.pgfleet.gateway;

import java.time.Duration;
import java.util.function.Consumer;

/**
 * How long a gateway waits. Zero is off for query, transaction, idleTransaction and clientIdle; the
 * others are longer than zero, but hold and drain may be zero, which waits for nothing.
 *
 * @param queryWait how long a request waits for a server, a failover included
 * @param reservePool after which wait a client may have a connection of the reserve
 * @param query from a statement's start to its end
 * @param transaction from a transaction's first statement to its end
 * @param idleTransaction between statements of a transaction
 * @param clientIdle between transactions
 * @param clientLogin from accepting a client to the end of its login
 * @param serverConnect from connecting to a server to the end of the login there
 * @param serverLoginRetry the longest pause between tries to open a server connection
 * @param serverLifetime a server connection is closed after it, once idle
 * @param serverIdle an unused server connection is closed after it
 * @param cancelWait from a client's request to cancel to its delivery
 * @param hold how long pausing waits for running transactions
 * @param drain how long a gateway that hands over serves the clients it has
 */
public record Timeouts(
    Duration queryWait,
    Duration reservePool,
    Duration query,
    Duration transaction,
    Duration idleTransaction,
    Duration clientIdle,
    Duration clientLogin,
    Duration serverConnect,
    Duration serverLoginRetry,
    Duration serverLifetime,
    Duration serverIdle,
    Duration cancelWait,
    Duration hold,
    Duration drain) {
  /** The defaults: PgBouncer's figures where it has the same setting. */
  public static final Timeouts DEFAULT =
      new Timeouts(
          Duration.ofSeconds(120),
          Duration.ofSeconds(5),
          Duration.ZERO,
          Duration.ZERO,
          Duration.ZERO,
          Duration.ZERO,
          Duration.ofSeconds(60),
          Duration.ofSeconds(15),
          Duration.ofSeconds(1),
          Duration.ofHours(1),
          Duration.ofMinutes(10),
          Duration.ofSeconds(10),
          Duration.ofSeconds(10),
          Duration.ofMinutes(5));

  public Timeouts {
    positive(queryWait, "queryWait");
    positive(reservePool, "reservePool");
    notNegative(query, "query");
    notNegative(transaction, "transaction");
    notNegative(idleTransaction, "idleTransaction");
    notNegative(clientIdle, "clientIdle");
    positive(clientLogin, "clientLogin");
    positive(serverConnect, "serverConnect");
    positive(serverLoginRetry, "serverLoginRetry");
    positive(serverLifetime, "serverLifetime");
    positive(serverIdle, "serverIdle");
    positive(cancelWait, "cancelWait");
    notNegative(hold, "hold");
    notNegative(drain, "drain");
  }

  private static void positive(Duration value, String name) {
    if (!value.isPositive()) {
      throw new IllegalArgumentException(name + " must be longer than zero");
    }
  }

  private static void notNegative(Duration value, String name) {
    if (value.isNegative()) {
      throw new IllegalArgumentException(name + " may not be negative");
    }
  }

  /** The same but for what the change sets. */
  public Timeouts with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.timeouts();
  }

  /** Timeouts in the making. */
  public static final class Draft {
    public Duration queryWait;
    public Duration reservePool;
    public Duration query;
    public Duration transaction;
    public Duration idleTransaction;
    public Duration clientIdle;
    public Duration clientLogin;
    public Duration serverConnect;
    public Duration serverLoginRetry;
    public Duration serverLifetime;
    public Duration serverIdle;
    public Duration cancelWait;
    public Duration hold;
    public Duration drain;

    private Draft(Timeouts from) {
      queryWait = from.queryWait;
      reservePool = from.reservePool;
      query = from.query;
      transaction = from.transaction;
      idleTransaction = from.idleTransaction;
      clientIdle = from.clientIdle;
      clientLogin = from.clientLogin;
      serverConnect = from.serverConnect;
      serverLoginRetry = from.serverLoginRetry;
      serverLifetime = from.serverLifetime;
      serverIdle = from.serverIdle;
      cancelWait = from.cancelWait;
      hold = from.hold;
      drain = from.drain;
    }

    private Timeouts timeouts() {
      return new Timeouts(
          queryWait,
          reservePool,
          query,
          transaction,
          idleTransaction,
          clientIdle,
          clientLogin,
          serverConnect,
          serverLoginRetry,
          serverLifetime,
          serverIdle,
          cancelWait,
          hold,
          drain);
    }
  }
}
