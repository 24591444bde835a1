package io.pgfleet.bench.gateway;

import io.pgfleet.bench.BenchException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What pgbench reports of a run (PostgreSQL manual, 'pgbench'). */
record PgbenchResult(double tps, double latencyMillis, long transactions) {
  private static final Pattern TPS =
      Pattern.compile(
          "^tps = ([0-9.]+) \\((?:without initial|including reconn)", Pattern.MULTILINE);
  private static final Pattern LATENCY =
      Pattern.compile("^latency average = ([0-9.]+) ms", Pattern.MULTILINE);
  private static final Pattern TRANSACTIONS =
      Pattern.compile("^number of transactions actually processed: ([0-9]+)", Pattern.MULTILINE);

  static PgbenchResult parse(String output) {
    if (output.contains("actually processed: 0\n")) {
      throw new BenchException("not one transaction was done in the time", "");
    }
    return new PgbenchResult(
        Double.parseDouble(find(TPS, output)),
        Double.parseDouble(find(LATENCY, output)),
        Long.parseLong(find(TRANSACTIONS, output)));
  }

  private static String find(Pattern pattern, String output) {
    Matcher matcher = pattern.matcher(output);
    if (!matcher.find()) {
      throw new BenchException(
          "pgbench printed something unknown: " + output.strip(), "use pgbench 14 or newer");
    }
    return matcher.group(1);
  }
}
