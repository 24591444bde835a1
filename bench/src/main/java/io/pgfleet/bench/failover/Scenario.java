package io.pgfleet.bench.failover;

import java.util.Locale;

/** What happens to the primary. */
public enum Scenario {
  /** Its postmaster gets SIGKILL. */
  POSTMASTER_KILLED("the primary's postmaster is killed"),
  /** Its host vanishes: no process and no packet is left, and nobody is told. */
  HOST_LOST("the primary's host is lost"),
  /** All processes of its host get SIGSTOP, and SIGCONT once another primary serves. */
  HOST_FROZEN("the primary's host is frozen"),
  /** An operator moves it. */
  SWITCHOVER("planned switchover under load");

  private final String title;

  Scenario(String title) {
    this.title = title;
  }

  /** What it is, for a reader. */
  public String title() {
    return title;
  }

  /** Its name on the command line. */
  public String id() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
