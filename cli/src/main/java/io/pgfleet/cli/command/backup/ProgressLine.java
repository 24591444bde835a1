package io.pgfleet.cli.command.backup;

import io.pgfleet.cli.up.Terminal;
import io.pgfleet.postgres.backup.BackupProgress;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;

/**
 * How far long work is, in one line that is drawn over itself; without a terminal, nothing until it
 * is over.
 */
final class ProgressLine implements AutoCloseable {
  private static final int WIDTH = 24;
  private static final double KILO = 1000;
  private static final String CLEAR = "\r\u001b[2K";

  private final PrintStream out;
  private final String title;
  private final boolean drawn;
  private long last;

  /** A line on standard error, so that what a command answers can be piped on. */
  ProgressLine(String title) {
    this.out = System.err;
    this.title = title;
    this.drawn = Terminal.isInteractive();
  }

  /** Shows how far it is. */
  void show(BackupProgress progress) {
    long now = System.nanoTime();
    if (!drawn || now - last < 100_000_000) {
      return;
    }
    last = now;
    out.print(CLEAR + title + " " + words(progress));
    out.flush();
  }

  /** A bar, what is done of what, the rate, and the time left. */
  static String words(BackupProgress progress) {
    double share = Math.min(1, progress.share());
    int full = (int) Math.round(share * WIDTH);
    long left = Math.max(0, progress.estimatedBytes() - progress.bytes());
    String rest =
        progress.rate() == 0 || progress.estimatedBytes() == 0
            ? ""
            : ", " + time(Duration.ofSeconds(left / progress.rate())) + " left";
    return "[%s%s] %3d%%  %s of %s, %s/s%s"
        .formatted(
            "#".repeat(full),
            ".".repeat(WIDTH - full),
            Math.round(share * 100),
            size(progress.bytes()),
            size(progress.estimatedBytes()),
            size(progress.rate()),
            rest);
  }

  /** Bytes as people read them; decimal units. */
  static String size(long bytes) {
    double value = bytes;
    for (String unit : new String[] {"B", "kB", "MB", "GB"}) {
      if (value < KILO) {
        return unit.equals("B")
            ? bytes + " B"
            : String.format(Locale.ROOT, value < 10 ? "%.1f %s" : "%.0f %s", value, unit);
      }
      value /= KILO;
    }
    return String.format(Locale.ROOT, "%.1f TB", value);
  }

  /** A duration in its two largest units. */
  static String time(Duration duration) {
    if (duration.toHours() > 0) {
      return duration.toHours() + " h " + duration.toMinutesPart() + " min";
    }
    if (duration.toMinutes() > 0) {
      return duration.toMinutes() + " min " + duration.toSecondsPart() + " s";
    }
    return duration.toSeconds() + " s";
  }

  @Override
  public void close() {
    clear();
  }

  /** Leaves the line to others. */
  void clear() {
    if (drawn) {
      out.print(CLEAR);
      out.flush();
    }
  }
}
