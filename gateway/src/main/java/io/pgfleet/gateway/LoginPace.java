package io.pgfleet.gateway;

import java.time.Duration;

/**
 * How quickly a pool opens connections to a server: two at once, and then one more each few
 * milliseconds while those log in. When every client waits, as after a failover, the first
 * connections are ready much sooner than if all logged in side by side, and serve the others'
 * transactions meanwhile; to a server far away it takes hardly longer. After a failure there is a
 * rest, longer each time. For one loop.
 */
final class LoginPace {
  /** So many log in side by side. */
  static final int AT_ONCE = 2;

  private static final long BETWEEN = 5_000_000L;
  private static final long REST = 100_000_000L;

  private final EventLoop loop;
  private final Runnable again;
  private long last;
  private boolean booked;
  private long restsUntil;
  private long rest = REST;

  /**
   * A pace.
   *
   * @param again is run when another login may begin that was not allowed
   */
  LoginPace(EventLoop loop, Runnable again) {
    this.loop = loop;
    this.again = again;
    this.restsUntil = loop.now();
  }

  /** Whether it rests after a failure. */
  boolean rests() {
    return loop.now() - restsUntil < 0;
  }

  /** Whether another login may begin beside so many; if not, there will be another try. */
  boolean allows(int underWay) {
    if (rests()) {
      return false;
    }
    if (underWay < AT_ONCE || loop.now() - last >= BETWEEN) {
      return true;
    }
    if (!booked) {
      booked = true;
      loop.later(
          BETWEEN,
          () -> {
            booked = false;
            again.run();
          });
    }
    return false;
  }

  void began() {
    last = loop.now();
  }

  void succeeded() {
    rest = REST;
  }

  /** A login failed, and the next is not to follow at once. */
  void failed(Duration longest) {
    restsUntil = loop.now() + rest;
    rest = Math.min(longest.toNanos(), rest * 2);
  }

  /** What failed before says nothing of now. */
  void startAgain() {
    restsUntil = loop.now();
    rest = REST;
  }
}
