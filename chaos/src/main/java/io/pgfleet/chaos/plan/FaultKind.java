package io.pgfleet.chaos.plan;

import java.util.Locale;

/** What is done to a fleet. */
public enum FaultKind {
  POSTMASTER_KILLED("the postmaster is killed", Lasting.NO_TIME),
  AGENT_KILLED("the agent is killed, and started again", Lasting.SOME_SECONDS),
  POSTGRES_FROZEN("all of PostgreSQL is stopped, and goes on", Lasting.BEYOND_THE_LEASE),
  AGENT_FROZEN("the agent is stopped, and goes on", Lasting.BEYOND_THE_LEASE),
  HOST_FROZEN_SERVER_FIRST(
      "the whole host is stopped, and PostgreSQL wakes two seconds before its agent",
      Lasting.BEYOND_THE_LEASE),
  HOST_FROZEN_AGENT_FIRST(
      "the whole host is stopped, and the agent wakes two seconds before PostgreSQL",
      Lasting.BEYOND_THE_LEASE),
  HOST_KILLED("everything on a host is killed, and its agent is started", Lasting.SOME_SECONDS),
  HOST_LOST("a host falls silent with all that ran on it, and comes back", Lasting.LONG),
  HOST_CUT_OFF("a host's network is cut, and comes back", Lasting.LONG),
  CUT_FROM_PEERS(
      "a host and the other nodes' hosts lose sight of each other; clients still reach it",
      Lasting.LONG),
  ONE_WAY_LOSS_TO_ONE("what a host sends to one other is lost", Lasting.LONG),
  ONE_WAY_LOSS_TO_ALL("what a host sends to any other is lost", Lasting.LONG),
  CONSENSUS_LEADER_KILLED(
      "the agent that leads the consensus is killed, and started again", Lasting.SOME_SECONDS),
  ALL_RESTARTED("everything on every host is killed, and started again", Lasting.SOME_SECONDS),
  SWITCHOVER("a planned switchover", Lasting.NO_TIME),
  GATEWAY_KILLED("the gateway is killed, and started again", Lasting.NO_TIME),
  DISK_FULL("a node's disk is full, and has space again", Lasting.LONG);

  /** How long a fault goes on before it is taken back. */
  enum Lasting {
    NO_TIME(0, 0),
    SOME_SECONDS(200, 5_000),
    /** On both sides of the time a lease lives, so that both outcomes are met. */
    BEYOND_THE_LEASE(1_500, 10_000),
    LONG(4_000, 12_000);

    private final int leastMillis;
    private final int mostMillis;

    Lasting(int leastMillis, int mostMillis) {
      this.leastMillis = leastMillis;
      this.mostMillis = mostMillis;
    }

    int leastMillis() {
      return leastMillis;
    }

    int mostMillis() {
      return mostMillis;
    }
  }

  private final String sentence;
  private final Lasting lasting;

  FaultKind(String sentence, Lasting lasting) {
    this.sentence = sentence;
    this.lasting = lasting;
  }

  /** Its name as on the command line and in reports, such as {@code host-lost}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** What happens. */
  public String sentence() {
    return sentence;
  }

  Lasting lasting() {
    return lasting;
  }
}
