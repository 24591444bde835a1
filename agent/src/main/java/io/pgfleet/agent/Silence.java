package io.pgfleet.agent;

import io.pgfleet.consensus.Session;
import io.pgfleet.consensus.Ticker;
import org.jspecify.annotations.Nullable;

/**
 * Whether the consensus servers have not been heard for a while: what is known of the session's
 * life has not grown, as it does with each renewal. Not safe for use by many threads.
 *
 * <p>A session is renewed six times in its timeout and certain for at least 0.45 of it when the
 * next renewal is answered ({@code SessionCertainty}). So silence begins while a good part of its
 * certainty is left, at about the same time on all hosts, and not by a single late answer.
 */
final class Silence {
  private static final double PART_OF_TIMEOUT = 0.28;

  private final Ticker ticker;
  private @Nullable Session last;
  private long certainUntil;
  private long heardAt;

  Silence(Ticker ticker) {
    this.ticker = ticker;
  }

  /** Looks at the session; called several times a second, with null while there is none. */
  boolean look(@Nullable Session session) {
    if (session == null) {
      last = null;
      return true;
    }
    long now = ticker.nanos();
    long until = session.certainUntilNanos();
    if (!session.equals(last) || until != certainUntil) {
      last = session;
      certainUntil = until;
      heardAt = now;
    }
    return now - heardAt > PART_OF_TIMEOUT * session.timeout().toNanos();
  }
}
