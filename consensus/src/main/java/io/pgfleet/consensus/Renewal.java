package io.pgfleet.consensus;

import io.pgfleet.consensus.Connection.Answer;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.ZooDefs;

/**
 * Renews the session with a small write six times a timeout, on a thread of its own, and tells how
 * long the session is certain to live ({@link SessionCertainty}).
 */
final class Renewal implements Session, AutoCloseable {
  /** Renewals on their way; more would only queue up behind a connection that is gone. */
  private static final int IN_FLIGHT = 3;

  private final Connection connection;
  private final Ticker ticker;
  private final String entry;
  private final long id;
  private final Duration timeout;
  private final SessionCertainty certainty;
  private final Semaphore free = new Semaphore(IN_FLIGHT);
  private final Semaphore ended = new Semaphore(0);
  private final Thread thread;

  /**
   * @param entry the session's own entry, which need not be there yet
   * @param askedAt the moment before the session was asked for
   */
  Renewal(Connection connection, Ticker ticker, String entry, long askedAt) {
    this.connection = connection;
    this.ticker = ticker;
    this.entry = entry;
    this.id = connection.sessionId();
    this.timeout = connection.negotiatedTimeout();
    this.certainty = new SessionCertainty(timeout, askedAt);
    this.thread = Thread.ofPlatform().daemon().name("pgfleet-session-renewal").unstarted(this::run);
  }

  /** Makes the first renewal and starts the others; false if it was not acknowledged in time. */
  boolean start(Duration limit) {
    long sent = ticker.nanos();
    Answer answer = connection.call(this::create, limit);
    if (!answer.isOk()) {
      return false;
    }
    certainty.acknowledged(sent, ticker.nanos());
    connection.onLost(ended::release);
    thread.start();
    return true;
  }

  private void create(
      org.apache.curator.framework.CuratorFramework servers,
      org.apache.curator.framework.api.BackgroundCallback answer)
      throws Exception {
    servers
        .create()
        .withMode(CreateMode.EPHEMERAL)
        .withACL(ZooDefs.Ids.CREATOR_ALL_ACL)
        .inBackground(answer)
        .forPath(entry, new byte[0]);
  }

  private void run() {
    try {
      while (!ended.tryAcquire(timeout.toNanos() / 6, TimeUnit.NANOSECONDS)) {
        if (free.tryAcquire()) {
          renew();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void renew() {
    long sent = ticker.nanos();
    var _ =
        connection
            .send((servers, answer) ->
                servers.setData().inBackground(answer).forPath(entry, new byte[0]))
            .thenAccept(answer -> renewed(sent, answer));
  }

  private void renewed(long sent, Answer answer) {
    free.release();
    if (answer.isOk()) {
      certainty.acknowledged(sent, ticker.nanos());
    } else if (answer.code() == Code.NONODE) {
      // Somebody deleted it by hand; the session lives on.
      var _ = connection.send(this::create);
    }
  }

  @Override
  public long id() {
    return id;
  }

  @Override
  public Duration timeout() {
    return timeout;
  }

  @Override
  public Duration remaining() {
    long left = certainty.certainUntil() - ticker.nanos();
    return left <= 0 || lost() ? Duration.ZERO : Duration.ofNanos(left);
  }

  @Override
  public long certainUntilNanos() {
    return certainty.certainUntil();
  }

  @Override
  public boolean lost() {
    return connection.isLost();
  }

  @Override
  public void close() {
    ended.release();
  }
}
