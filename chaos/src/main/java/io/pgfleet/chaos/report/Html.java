package io.pgfleet.chaos.report;

import java.time.Duration;
import java.util.Locale;

/** Words and times as HTML has them. */
final class Html {
  private Html() {}

  static String text(String words) {
    return words
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  static String seconds(Duration duration) {
    double seconds = duration.toMillis() / 1000.0;
    return String.format(Locale.ROOT, seconds < 10 ? "%.2f s" : "%.1f s", seconds);
  }
}
