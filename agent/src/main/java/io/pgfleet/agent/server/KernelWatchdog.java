package io.pgfleet.agent.server;

import io.pgfleet.spec.WatchdogSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * The kernel's watchdog as a guard uses it: a device that restarts the host unless it is written to
 * again and again (the kernel's Documentation/watchdog/watchdog-api.rst).
 *
 * @param seconds the timeout that it is given, in whole seconds as the kernel takes it
 * @param required whether the server must not accept writes without it
 * @param setter the program that sets the timeout, called as wdctl(8) of util-linux is
 */
public record KernelWatchdog(Path device, int seconds, boolean required, String setter) {
  private static final String WDCTL = "wdctl";

  /** The least that the kernel takes. */
  public KernelWatchdog {
    if (seconds < 1) {
      throw new IllegalArgumentException("a watchdog's timeout is a second or more");
    }
  }

  /**
   * What a node wants.
   *
   * @param lease of the fleet. The timeout is a quarter of it: the device is only written to while
   *     the lease is certain for longer than the timeout, and just before a renewal it is so for
   *     somewhat less than half of the lease
   */
  public static Optional<KernelWatchdog> of(WatchdogSpec spec, Duration lease) {
    return switch (spec.mode()) {
      case OFF -> Optional.empty();
      case AUTOMATIC -> Optional.of(quarter(spec, lease, false));
      case REQUIRED -> Optional.of(quarter(spec, lease, true));
    };
  }

  private static KernelWatchdog quarter(WatchdogSpec spec, Duration lease, boolean required) {
    int seconds = (int) Math.max(1, lease.toSeconds() / 4);
    return new KernelWatchdog(spec.device(), seconds, required, WDCTL);
  }
}
