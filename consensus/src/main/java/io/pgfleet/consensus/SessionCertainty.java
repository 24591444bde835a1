package io.pgfleet.consensus;

import java.time.Duration;
import java.util.ArrayDeque;

/**
 * Counts until when a session is certain to live, from its acknowledged renewals. A renewal is a
 * small write, for a read may be answered by a server that is cut off from the others.
 *
 * <h2>The rule</h2>
 *
 * <p>With T the negotiated timeout, and s(i), a(i) the moments at which renewal i was sent and its
 * acknowledgement was seen here: when renewal i is acknowledged, take the newest renewal q with
 * a(q) &lt;= s(i) - T/4. Then the session lives at least until <b>s(q) + T - margin</b>, with a
 * margin of T/20. Before there is such a q, the moment before the session was asked for takes the
 * place of s(q). The result never moves back.
 *
 * <h2>Why no server ends the session earlier</h2>
 *
 * <ol>
 *   <li><b>Who ends it.</b> Only the leader (or the single server) starts the end of a session, by
 *       a write of its own, when the time it noted for it has passed (SessionTrackerImpl). At a
 *       touch at time t it notes the next multiple of its tick after t + T, on its monotonic clock
 *       in whole milliseconds: at least t + T. Tick rounding only lengthens. T is the negotiated
 *       timeout, which the session carries in the leader's tables, never the one asked for.
 *   <li><b>One server, or connected to the leader.</b> It touches the session when it takes a
 *       request in. Renewal i was taken in after s(i), so the end is after s(i) + T &gt;= s(q) + T.
 *   <li><b>Connected to a follower.</b> It passes the write on, but the write does not touch the
 *       session at the leader. The follower only remembers that the session was active, and tells
 *       the leader with its answer to the next ping; the leader touches on receipt of that answer.
 *       The leader pings each follower twice a tick (Leader.lead), and sessions of at least 4 ticks
 *       make that T/8; so a ping reaches the follower within the T/4 between a(q) and s(i) unless
 *       it is sent late, or is on its way, for more than T/8 in sum. Renewal q had reached the
 *       follower by a(q), so its activity is told with the answer to that ping or to an earlier one
 *       after s(q). Renewal i was passed on after this answer, on the same ordered stream, and is
 *       acknowledged: so the leader had the answer, and touched the session after s(q).
 *   <li><b>Moving to another server</b> makes the new server ask the leader whether the session
 *       lives, which touches it. That happened after s(q) if q was sent before the move.
 *   <li><b>A new leader</b> (and a restarted single server) notes now + T for every session when it
 *       starts to serve, which is after a majority joined it. From then on no older leader can
 *       complete a write. Renewal i was completed by a leader at the time; if that was the old one,
 *       the new one began later than s(i) and gives T from there; if it was the new one, points 2
 *       to 4 hold for it. An end that the old leader began obeyed points 1 to 4 under its reign.
 *   <li><b>At the beginning.</b> The leader notes the session when its creation reaches it, which
 *       is after it was asked for here.
 *   <li><b>Clocks.</b> Two monotonic clocks are compared by rate only. The margin of T/20 allows
 *       them to differ by 5 percent, five hundred times what is usual.
 * </ol>
 *
 * <p>What it rests on besides the protocol: point 3 assumes that the leader's pings are not later
 * than T/8 while it still completes writes (a pause of its whole process for longer delays the
 * acknowledgements, too, but its threads could starve one by one), and that the ensemble's tick is
 * at most T/4. Both are of no account with a single server. The clock must not stand still: see
 * {@link Ticker#system}.
 */
final class SessionCertainty {
  private record Renewal(long sent, long acknowledged) {}

  private final long timeoutNanos;
  private final long marginNanos;
  private final long pingBoundNanos;
  private final ArrayDeque<Renewal> candidates = new ArrayDeque<>();
  private long aliveAt;

  /**
   * @param timeout as negotiated
   * @param askedAt the moment before the session was asked for
   */
  SessionCertainty(Duration timeout, long askedAt) {
    this.timeoutNanos = timeout.toNanos();
    this.marginNanos = timeoutNanos / 20;
    this.pingBoundNanos = timeoutNanos / 4;
    this.aliveAt = askedAt;
  }

  /** Takes an acknowledged renewal into account; they may come in any order. */
  synchronized void acknowledged(long sent, long acknowledged) {
    while (!candidates.isEmpty()
        && candidates.getFirst().acknowledged() - (sent - pingBoundNanos) <= 0) {
      long candidate = candidates.removeFirst().sent();
      if (candidate - aliveAt > 0) {
        aliveAt = candidate;
      }
    }
    candidates.addLast(new Renewal(sent, acknowledged));
  }

  /** Whether anything is known; not before the first renewal is acknowledged. */
  synchronized boolean isKnown() {
    return !candidates.isEmpty();
  }

  /** The moment until which the session is certain to live. */
  synchronized long certainUntil() {
    return isKnown() ? aliveAt + timeoutNanos - marginNanos : aliveAt;
  }
}
