package io.pgfleet.gateway;

import io.pgfleet.wire.Protocol.TransactionStatus;
import io.pgfleet.wire.ServerReport;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How long a client has been in what it does, and what is done when that is too long. The path of
 * every transaction only notes moments; they are looked at when the loop's {@link Wheel} says so.
 */
final class ClientTimes implements Wheel.Due {
  private final EventLoop loop;
  private final ClientLink client;
  private Wheel.@Nullable Alarm alarm;
  private long since;
  private long transactionSince;
  private long cancelledAt;
  private @Nullable ServerReport cancelReason;

  ClientTimes(EventLoop loop, ClientLink client) {
    this.loop = loop;
    this.client = client;
    this.since = loop.now();
    remind(since + loop.fleet.settings.loginTimeout().toNanos());
  }

  /** Has the clock looked at no later than a moment. */
  private void remind(long at) {
    Wheel.Alarm set = alarm;
    if (set == null) {
      set = new Wheel.Alarm(this);
      alarm = set;
    }
    if (!set.ringsBy(at)) {
      loop.wheel.set(set, at);
    }
  }

  /** A request is sent while nothing else is under way. */
  void began(byte status, TimeLimits limits) {
    since = loop.now();
    if (status == TransactionStatus.IDLE) {
      transactionSince = since;
    }
    if (limits.query() > 0) {
      remind(since + limits.query());
    }
    if (limits.transaction() > 0) {
      remind(transactionSince + limits.transaction());
    }
  }

  /** A request was answered, and perhaps another is under way. */
  void answered(byte status, boolean all, TimeLimits limits) {
    since = loop.now();
    cancelReason = null;
    if (all && status != TransactionStatus.IDLE && limits.idleTransaction() > 0) {
      remind(since + limits.idleTransaction());
    }
    if (all && status != TransactionStatus.IDLE && limits.transaction() > 0) {
      remind(transactionSince + limits.transaction());
    }
    if (all && status == TransactionStatus.IDLE && limits.clientIdle() > 0) {
      remind(since + limits.clientIdle());
    }
  }

  /** The login is done. */
  void loggedIn(TimeLimits limits) {
    since = loop.now();
    if (limits.clientIdle() > 0) {
      remind(since + limits.clientIdle());
    }
  }

  /** The client begins to wait for a server. */
  void waits(TimeLimits limits) {
    if (limits.queryWait() > 0) {
      remind(loop.now() + limits.queryWait());
    }
  }

  /** The end of the connection has been told and may take no longer than a login. */
  void closing() {
    since = loop.now();
    remind(since + loop.fleet.settings.loginTimeout().toNanos());
  }

  void close() {
    Wheel.Alarm set = alarm;
    if (set != null) {
      loop.wheel.clear(set);
      alarm = null;
    }
  }

  /** What the client is told when its statement was cancelled by us; null if it was not. */
  @Nullable ServerReport cancelReason() {
    return cancelReason;
  }

  @Override
  public void due() {
    alarm = null;
    if (client.closed) {
      return;
    }
    long now = loop.now();
    if (!client.open() || !client.loggedIn) {
      long end = since + loop.fleet.settings.loginTimeout().toNanos();
      if (now - end >= 0) {
        loginTookTooLong();
      } else {
        remind(end);
      }
      return;
    }
    TimeLimits limits = client.limits();
    if (client.waits) {
      past(client.waitingSince, limits.queryWait(), now, this::waitedTooLong);
      return;
    }
    ServerLink server = client.server();
    if (server == null) {
      past(since, limits.clientIdle(), now, () -> client.fatal(Reports.idleTooLong()));
    } else if (client.seen.running() && !server.exchange.isEmpty()) {
      running(server, limits, now);
    } else if (client.seen.running()) {
      boolean told =
          past(
              transactionSince,
              limits.transaction(),
              now,
              () -> giveUpTransaction(Reports.transactionTimeout()));
      if (!told) {
        past(
            since,
            limits.idleTransaction(),
            now,
            () -> giveUpTransaction(Reports.idleTransactionTimeout()));
      }
    } else {
      past(since, limits.clientIdle(), now, () -> client.fatal(Reports.idleTooLong()));
    }
  }

  private void running(ServerLink server, TimeLimits limits, long now) {
    if (cancelReason != null) {
      long patience = loop.fleet.settings.cancelWaitTimeout().toNanos();
      past(
          cancelledAt,
          patience,
          now,
          () -> server.lost("it did not stop a statement that was cancelled by the gateway"));
      return;
    }
    if (!past(since, limits.query(), now, () -> cancel(server, Reports.queryTimeout()))) {
      past(
          transactionSince,
          limits.transaction(),
          now,
          () -> cancel(server, Reports.transactionTimeout()));
    }
  }

  private void cancel(ServerLink server, ServerReport reason) {
    cancelReason = reason;
    cancelledAt = loop.now();
    server.cancel();
    remind(cancelledAt + loop.fleet.settings.cancelWaitTimeout().toNanos());
  }

  /** Does what is due when a bound is passed, else looks again when it will be. */
  private boolean past(long from, long bound, long now, Runnable action) {
    if (bound <= 0) {
      return false;
    }
    if (now - from >= bound) {
      loop.counters.timeouts++;
      action.run();
      return true;
    }
    remind(from + bound);
    return false;
  }

  private void waitedTooLong() {
    loop.counters.waitTimeouts++;
    Duration bound = Duration.ofNanos(client.limits().queryWait());
    client.giveUp(Reports.waitedTooLong(bound, loop.fleet.primary().isPresent()));
  }

  /** The login, or telling the end, takes too long. */
  private void loginTookTooLong() {
    if (client.open() && client.loginBegun()) {
      client.fatal(Reports.loginTooLong());
    } else {
      client.close();
    }
  }

  /** The transaction that the client is idle in is rolled back. */
  private void giveUpTransaction(ServerReport reason) {
    ServerLink held = client.server();
    if (held == null || !client.open()) {
      return;
    }
    boolean inPart = held.exchange.unsynced() || client.requests.midMessage();
    if (inPart || client.session.leavesState()) {
      client.fatal(reason);
      loop.defer(client::close);
      return;
    }
    boolean told = held.status() == TransactionStatus.FAILED;
    client.requests.transactionLost(told ? null : reason);
    client.giveUpServer();
    held.abandoned(false, false);
  }
}
