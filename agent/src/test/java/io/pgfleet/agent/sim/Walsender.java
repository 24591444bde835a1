package io.pgfleet.agent.sim;

/**
 * A connection by which a standby receives WAL, and the process at the upstream's end of it. Both
 * ends learn of its end in their own time.
 */
final class Walsender extends Reader {
  final SimServer upstream;
  final SimServer standby;
  final int upstreamLife;
  final int standbyLife;

  /** How far the standby has told that it has flushed. */
  int flushed;

  /** How far WAL was sent. */
  int sent;

  /** Whether the standby had once all there was. */
  boolean streaming;

  boolean onTheWay;

  /** When each end last heard of the other. */
  long heardByUpstream;

  long heardByStandby;

  Walsender(SimServer upstream, SimServer standby, Config config, long now) {
    super(config);
    this.upstream = upstream;
    this.standby = standby;
    this.upstreamLife = upstream.life();
    this.standbyLife = standby.life();
    this.flushed = 0;
    this.sent = standby.wal().size();
    this.heardByUpstream = now;
    this.heardByStandby = now;
  }

  /** Whether the upstream's end is there. */
  boolean sends() {
    return upstream.life() == upstreamLife && upstream.walsenders().contains(this);
  }

  /** Whether the standby's end is there. */
  boolean receives() {
    return standby.life() == standbyLife && standby.receiver() == this;
  }
}
