package io.pgfleet.bench.gateway;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** The processor time of a process, where the system has a {@code /proc} as Linux. */
final class ProcessTime {
  /** Kernels for applications all count in hundredths (proc(5), sysconf _SC_CLK_TCK). */
  private static final long TICK_MILLIS = 10;

  private static final int USER = 11;
  private static final int SYSTEM = 12;

  private ProcessTime() {}

  /** What it has used, user and system time together. */
  static Optional<Duration> of(long pid) {
    try {
      return Optional.of(parse(Files.readString(Path.of("/proc", Long.toString(pid), "stat"))));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** From the line in {@code /proc/PID/stat}; the name in parentheses may hold anything. */
  static Duration parse(String stat) {
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    long ticks = Long.parseLong(fields[USER]) + Long.parseLong(fields[SYSTEM]);
    return Duration.ofMillis(ticks * TICK_MILLIS);
  }
}
