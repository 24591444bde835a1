package io.pgfleet.agent.server;

import io.pgfleet.agent.server.LocalSession.SilentException;
import io.pgfleet.consensus.Ticker;
import io.pgfleet.wire.client.ConnectSettings;
import io.pgfleet.wire.client.Connection;
import io.pgfleet.wire.client.PostgresException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Whether a server hangs: it is there and has let every question, or every new connection, wait for
 * longer than the agent does, for a while. One that starts or recovers says so, and does not hang;
 * one that refuses answers.
 *
 * <p>An old connection may go on working while the postmaster takes no new one, so it knocks at a
 * primary now and then.
 */
final class Liveness {
  private static final Duration BETWEEN_KNOCKS = Duration.ofSeconds(5);
  private static final Duration ENOUGH = Duration.ofSeconds(10);

  private final ConnectSettings settings;
  private final Ticker ticker;
  private boolean silent;
  private long silentSince;
  private long missedAt;
  private boolean leads;
  private long knockedAt;

  /**
   * A server of which nothing is known.
   *
   * @param settings for a connection that waits long for each answer
   */
  Liveness(ConnectSettings settings, Ticker ticker) {
    this.settings = settings;
    this.ticker = ticker;
  }

  /**
   * A question was answered.
   *
   * @param primary whether it is of account that new connections are taken, too
   */
  void answered(boolean primary) {
    long now = ticker.nanos();
    if (!primary) {
      reset();
      leads = false;
      return;
    }
    if (!leads) {
      // A new primary has just answered; a handshake would only keep it from its first clients.
      leads = true;
      knockedAt = now;
    }
    if (!silent && now - knockedAt < BETWEEN_KNOCKS.toNanos()) {
      return;
    }
    knockedAt = now;
    try (Connection _ = Connection.open(settings)) {
      reset();
    } catch (PostgresException e) {
      reset();
    } catch (IOException e) {
      missed(e, now);
    }
  }

  /** A question was not answered. */
  void silent(SilentException e) {
    missed(e, ticker.nanos());
  }

  /**
   * Counts from the first question in vain.
   *
   * @param from when this one was asked, at the latest
   */
  private void missed(Throwable failure, long from) {
    if (!isTimeout(failure)) {
      reset();
      return;
    }
    if (!silent) {
      silent = true;
      silentSince = from;
    }
    missedAt = ticker.nanos();
  }

  private static boolean isTimeout(@Nullable Throwable failure) {
    return failure != null
        && (failure instanceof SocketTimeoutException || isTimeout(failure.getCause()));
  }

  /** Whether nothing has come back for long enough. */
  boolean hangs() {
    return silent && missedAt - silentSince >= ENOUGH.toNanos();
  }

  /** It answers, or another process runs, or none. */
  void reset() {
    silent = false;
  }
}
