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
 * Whether a server hangs: it is there and lets questions, or new connections, wait for longer than
 * the agent does, twice in a row. One that starts or recovers says so, and does not hang; one that
 * refuses answers.
 *
 * <p>An old connection may go on working while the postmaster takes no new one, so it knocks now
 * and then.
 */
final class Liveness {
  private static final Duration BETWEEN_KNOCKS = Duration.ofSeconds(5);
  private static final int ENOUGH = 2;

  private final ConnectSettings settings;
  private final Ticker ticker;
  private int unanswered;
  private boolean knocked;
  private long knockedAt;

  Liveness(ConnectSettings settings, Ticker ticker) {
    this.settings = settings;
    this.ticker = ticker;
  }

  /** A question was answered; now and then it sees whether a new connection is taken, too. */
  void answered() {
    long now = ticker.nanos();
    if (knocked && unanswered == 0 && now - knockedAt < BETWEEN_KNOCKS.toNanos()) {
      return;
    }
    knocked = true;
    knockedAt = now;
    try (Connection _ = Connection.open(settings)) {
      unanswered = 0;
    } catch (PostgresException e) {
      unanswered = 0;
    } catch (IOException e) {
      noAnswer(e);
    }
  }

  /** A question was not answered. */
  void silent(SilentException e) {
    noAnswer(e);
  }

  private void noAnswer(Throwable failure) {
    unanswered = isTimeout(failure) ? unanswered + 1 : 0;
  }

  private static boolean isTimeout(@Nullable Throwable failure) {
    return failure != null
        && (failure instanceof SocketTimeoutException || isTimeout(failure.getCause()));
  }

  /** Whether nothing has come back often enough. */
  boolean hangs() {
    return unanswered >= ENOUGH;
  }

  /** Another process runs, or none. */
  void reset() {
    unanswered = 0;
  }
}
