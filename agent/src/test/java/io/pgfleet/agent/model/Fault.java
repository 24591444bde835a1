package io.pgfleet.agent.model;

/** What may go wrong. */
enum Fault {
  /** A server dies with all its processes. */
  SERVER_DIES,
  /** An agent dies, and another life of it begins later. */
  AGENT_DIES,
  /** An agent freezes, and wakes later; its server goes on. */
  AGENT_FREEZES,
  /** A session can't be renewed. */
  SESSION_CUT,
  /** The connection between a standby and its upstream breaks. */
  LINK_CUT,
  /** An agent acts by what it read long ago. */
  SLOW_READ,
  /** A write is under way for long, and its sender hears nothing of it. */
  SLOW_WRITE
}
