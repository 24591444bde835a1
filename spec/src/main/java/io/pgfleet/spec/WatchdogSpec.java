package io.pgfleet.spec;

import java.nio.file.Path;
import java.time.Duration;

/**
 * Whether the kernel's watchdog of a node's host restarts that host when nobody is left who could
 * stop a primary in time. Of account where the node's agent is on a host of its own.
 *
 * @param device absolute
 */
public record WatchdogSpec(Mode mode, Path device) {
  /** Where the kernel shows its first watchdog. */
  public static final Path USUAL_DEVICE = Path.of("/dev/watchdog");

  /** A watchdog's timeout is a quarter of the lease, in whole seconds. */
  public static final Duration LEAST_LEASE = Duration.ofSeconds(4);

  /** The watchdog is left alone. */
  public static final WatchdogSpec OFF = new WatchdogSpec(Mode.OFF, USUAL_DEVICE);

  /** What a node does about its watchdog; Patroni's words. */
  public enum Mode {
    /** It is left alone. */
    OFF,
    /** It is used where it can be, and the node may lead without. */
    AUTOMATIC,
    /** The node never leads without it. */
    REQUIRED
  }
}
