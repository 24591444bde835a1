package io.pgfleet.bench.peer;

import com.sun.management.UnixOperatingSystemMXBean;
import io.pgfleet.bench.BenchException;
import java.lang.management.ManagementFactory;

/** How many files, sockets among them, this process and those that it starts may open. */
public final class OpenFiles {
  /** What a JVM and its libraries open beside connections. */
  private static final int OWN = 300;

  private OpenFiles() {}

  /**
   * Checks that so many connections are possible.
   *
   * @throws BenchException if not, with what to do
   */
  public static void check(int connections) {
    if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix) {
      check(connections, unix.getMaxFileDescriptorCount());
    }
  }

  static void check(int connections, long limit) {
    if (limit < connections + OWN) {
      throw new BenchException(
          "%d clients need about %d open files, and this process may have %d"
              .formatted(connections, connections + OWN, limit),
          "raise the limit (ulimit -n %d), or ask for fewer --clients"
              .formatted(connections + OWN));
    }
  }
}
