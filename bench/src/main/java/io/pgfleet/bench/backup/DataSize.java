package io.pgfleet.bench.backup;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An amount of data as PostgreSQL's settings write it: {@code 300MB}, {@code 2GB}. */
public final class DataSize {
  private static final Pattern TEXT = Pattern.compile("(\\d{1,6})\\s*(MB|GB)");
  private static final long MEGA = 1L << 20;
  private static final long GIGA = 1L << 30;

  private DataSize() {}

  /**
   * Its bytes; a kilobyte has 1024 of them, as in PostgreSQL.
   *
   * @throws IllegalArgumentException if it is not written so
   */
  public static long parse(String text) {
    Matcher matcher = TEXT.matcher(text.strip().toUpperCase(Locale.ROOT));
    if (!matcher.matches()) {
      throw new IllegalArgumentException("'" + text + "' is no size such as 300MB or 2GB");
    }
    return Long.parseLong(matcher.group(1)) * (matcher.group(2).equals("GB") ? GIGA : MEGA);
  }

  /** In gigabytes, for people. */
  static String text(long bytes) {
    return String.format(Locale.ROOT, "%.1f GB", (double) bytes / GIGA);
  }
}
