package io.pgfleet.cli.sql;

import java.time.Instant;
import java.util.regex.Pattern;
import org.jline.reader.impl.history.DefaultHistory;

/** History that does not keep what may hold a password. */
final class DiscreetHistory extends DefaultHistory {
  private static final Pattern SECRET =
      Pattern.compile("password|postgres(ql)?://[^@\\s]*:", Pattern.CASE_INSENSITIVE);

  @Override
  public void add(Instant time, String line) {
    if (!isSecret(line)) {
      super.add(time, line);
    }
  }

  static boolean isSecret(String line) {
    return SECRET.matcher(line).find();
  }
}
