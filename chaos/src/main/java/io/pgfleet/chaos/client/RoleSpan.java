package io.pgfleet.chaos.client;

import java.time.Duration;

/** A time in which a server, asked straight, gave one kind of answer. */
public record RoleSpan(String node, State state, Duration from, Duration to) {
  /** What a server is to one who asks it. */
  public enum State {
    /** It accepts writes. */
    PRIMARY,
    /** It would accept writes, but does not finish them. */
    BLOCKED,
    /** It is in recovery. */
    STANDBY,
    /** It refuses connections, or starts or stops. */
    DOWN,
    /** It does not answer at all. */
    SILENT
  }
}
