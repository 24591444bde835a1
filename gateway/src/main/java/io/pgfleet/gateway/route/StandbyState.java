package io.pgfleet.gateway.route;

import io.pgfleet.gateway.topology.Standby;

/** How far a standby has come. Written by its watch, read by every loop. */
public final class StandbyState {
  private final Standby standby;
  private final Runnable question;
  private final boolean near;
  private volatile long replayed = -1;
  private volatile boolean answers;
  private volatile boolean serves;
  private volatile long lagBytes;
  private volatile long lagNanos;

  StandbyState(Standby standby, boolean near, Runnable question) {
    this.standby = standby;
    this.near = near;
    this.question = question;
  }

  public Standby standby() {
    return standby;
  }

  /** Of the gateway's own region. */
  public boolean near() {
    return near;
  }

  /** It answers, and is within the bounds of lag. */
  public boolean serves() {
    return serves;
  }

  /** It answers. */
  public boolean answers() {
    return answers;
  }

  /** What it was seen to have replayed. */
  public long replayed() {
    return replayed;
  }

  public long lagBytes() {
    return lagBytes;
  }

  public long lagNanos() {
    return lagNanos;
  }

  /** Asks it at once how far it is. */
  public void ask() {
    question.run();
  }

  /** It has answered. */
  void answered(long position) {
    replayed = position;
    answers = true;
  }

  /** Its watch could not reach it. */
  void silent() {
    serves = false;
    answers = false;
  }

  /**
   * Judges its lag: it leaves beyond a bound, and comes back below half of both, so that one at the
   * edge does not come and go.
   */
  void judge(Progress progress, ReadSettings settings, long now, long patience) {
    long position = progress.position();
    lagBytes = position < 0 ? 0 : Math.max(0, position - replayed);
    long silence = progress.silence(now);
    long behind = progress.behind(replayed, now);
    lagNanos = silence > patience ? Math.max(silence, behind) : behind;
    int part = serves ? 1 : 2;
    serves =
        answers
            && lagBytes <= settings.maxLagBytes() / part
            && lagNanos <= settings.maxLag().toNanos() / part;
  }
}
