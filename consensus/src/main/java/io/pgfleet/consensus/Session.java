package io.pgfleet.consensus;

import java.time.Duration;

/**
 * The life of one {@link Agreement}'s session. SESSION entries live exactly as long, so they are
 * leases, and their holder must know how long it may trust them:
 *
 * <ul>
 *   <li>Act as holder only while {@link #remaining} is more than the time the act takes, and be
 *       ready to stop before it reaches zero. Look at it anew after every wait, for the process may
 *       have been frozen.
 *   <li>When it reaches zero, stop. The lease may still be there, and certainty may come back when
 *       the servers answer again: read the lease before going on.
 *   <li>When {@link #lost} is true it never comes back: every SESSION entry is gone or will be.
 *       Close the Agreement, open a new one and contend anew.
 * </ul>
 *
 * It is renewed in the background; how certainty is counted, and the proof, stand in {@code
 * SessionCertainty}.
 */
public interface Session {
  /** Names this session among all others of the same servers; never reused. */
  long id();

  /** The time after which the servers end a silent session: as negotiated, not as asked for. */
  Duration timeout();

  /** How long the session is certain to live still; {@link Duration#ZERO} if that is unknown. */
  Duration remaining();

  /**
   * The same as a point on the {@link Ticker} the Agreement was opened with; it only grows, and
   * lies in the past when nothing is certain.
   */
  long certainUntilNanos();

  /** Whether it has ended for good: expired, closed, or given up because it must have expired. */
  boolean lost();
}
