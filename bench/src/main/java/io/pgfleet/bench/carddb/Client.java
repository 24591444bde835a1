package io.pgfleet.bench.carddb;

import io.pgfleet.bench.Target;
import io.pgfleet.bench.carddb.Operation.Write;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;

/**
 * One client with one connection: does one operation after the other, and after an error the same
 * once more. It connects anew only if its connection is gone.
 */
final class Client implements Runnable {
  private static final Duration BETWEEN_CONNECTS = Duration.ofMillis(50);
  private static final Duration CONNECT_PATIENCE = Duration.ofSeconds(60);

  private final Target target;
  private final boolean transactions;
  private final Choices choices;
  private final Shared shared;
  private final Promises promises = new Promises();
  private final Pace pace;
  private Session session;
  private int reconnects;
  private int retried;
  private int givenUp;
  private volatile long lastAcknowledged;

  /** What all clients of a run write to. */
  record Shared(
      Latencies latencies, Tally tally, AckGap gap, AtomicBoolean stop, LongSupplier nanos) {}

  Client(Target target, boolean transactions, Choices choices, Pace pace, Shared shared)
      throws SQLException {
    this.target = target;
    this.transactions = transactions;
    this.choices = choices;
    this.pace = pace;
    this.shared = shared;
    this.session = Session.open(target, transactions);
    this.lastAcknowledged = shared.nanos().getAsLong();
  }

  @Override
  public void run() {
    try {
      while (!shared.stop().get()) {
        long due = pace.awaitTurn();
        if (shared.stop().get()) {
          break;
        }
        step(choices.next(promises), due);
      }
      session.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (SQLException e) {
      shared.tally().error(reason(e));
    }
  }

  private void step(Operation operation, long due) throws InterruptedException {
    if (!attempt(operation)) {
      retried++;
      shared.tally().retry();
      if (!attempt(operation)) {
        givenUp++;
        shared.tally().giveUp();
        return;
      }
    }
    long now = shared.nanos().getAsLong();
    shared.latencies().record(operation.kind(), Duration.ofNanos(now - due));
    if (operation instanceof Write write) {
      promises.acknowledge(OperationId.of(write.id()).sequence());
      lastAcknowledged = now;
      shared.gap().acknowledged(now);
    }
  }

  private boolean attempt(Operation operation) throws InterruptedException {
    try {
      session.perform(operation);
      return true;
    } catch (SQLException e) {
      shared.tally().error(reason(e));
      if (!session.recover()) {
        reconnect();
      }
      return false;
    }
  }

  private void reconnect() throws InterruptedException {
    reconnects++;
    long began = shared.nanos().getAsLong();
    while (shared.nanos().getAsLong() - began < CONNECT_PATIENCE.toNanos()) {
      try {
        session = Session.open(target, transactions);
        return;
      } catch (SQLException e) {
        shared.tally().error("while connecting: " + reason(e));
        Thread.sleep(BETWEEN_CONNECTS);
      }
    }
  }

  private static String reason(SQLException e) {
    String message = String.valueOf(e.getMessage());
    int end = message.indexOf('\n');
    return e.getSQLState() + " " + (end < 0 ? message : message.substring(0, end));
  }

  Promises promises() {
    return promises;
  }

  /** How it went, once it has ended. */
  ClientReport report(int number, long end) {
    return new ClientReport(
        number,
        promises.acknowledged(),
        retried,
        givenUp,
        reconnects,
        Duration.ofNanos(Math.max(0, end - lastAcknowledged)));
  }
}
