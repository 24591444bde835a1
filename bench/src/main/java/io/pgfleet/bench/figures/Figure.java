package io.pgfleet.bench.figures;

import java.util.Locale;

/** A kind of number that a measurement gives, in the order in which tables show them. */
public enum Figure {
  TPS("transactions / s", 0, true),
  MEGABYTES("MB / s", 0, true),
  TIME("time, s", 2, false),
  STORED("stored, MB", 0, false),
  PROCESSOR("CPU, s", 2, false),
  SERVER_PROCESSOR("CPU of the server, s", 2, false),
  SERVED("clients served", 0, false),
  WRITE_PAUSE("no write acknowledged for, s", 3, false),
  LONGEST_PAUSE("of any client, s", 3, false),
  ERRORS("errors", 0, false),
  FORMER_ACKNOWLEDGED("acknowledged by the former primary", 0, false),
  FORMER_ACCEPTED("accepted straight by it", 0, false),
  AWAY("server away, s", 2, false),
  ALL_SERVED("all served after, s", 2, false),
  CONNECT_P50("connect p50, ms", 2, false),
  CONNECT_P99("connect p99, ms", 2, false),
  CONNECT_MAX("connect max, ms", 1, false),
  P50("p50, ms", 3, false),
  P99("p99, ms", 3, false),
  MEAN("mean, ms", 3, false),
  CPU("CPU s / 100,000", 2, false),
  CPU_GB("CPU s / GB", 2, false),
  PRIMARY_SHARE("on the primary, %", 1, false),
  SYSTEM_CALLS("system calls / transaction", 2, false),
  MEMORY("memory, MB", 0, false),
  MEMORY_PEAK("most memory, MB", 0, false),
  MEMORY_BEFORE("memory before, MB", 0, false),
  MEMORY_IDLE("memory idle, MB", 0, false),
  MEMORY_ACTIVE("memory active, MB", 0, false),
  BYTES_PER_CLIENT("bytes / idle client", 0, false);

  private final String title;
  private final int decimals;
  private final boolean throughput;

  Figure(String title, int decimals, boolean throughput) {
    this.title = title;
    this.decimals = decimals;
    this.throughput = throughput;
  }

  /** What it is, with its unit. */
  public String title() {
    return title;
  }

  /** Whether peers are compared by it, more being better. */
  public boolean isThroughput() {
    return throughput;
  }

  /** A value of it as tables show it. */
  public String text(double value) {
    return String.format(Locale.ROOT, "%,." + decimals + "f", value);
  }

  /** Its name in the file of results. */
  String key() {
    return name().toLowerCase(Locale.ROOT);
  }
}
