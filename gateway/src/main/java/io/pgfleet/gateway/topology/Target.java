package io.pgfleet.gateway.topology;

/** A server that a statement may be sent to. */
public sealed interface Target permits Primary, Standby {
  /** Its name in the fleet. */
  String node();

  String host();

  int port();
}
