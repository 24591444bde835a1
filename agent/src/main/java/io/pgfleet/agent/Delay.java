package io.pgfleet.agent;

import io.pgfleet.agent.decide.LocalServer;
import io.pgfleet.spec.NodeSpec;
import io.pgfleet.spec.setting.Time;
import java.time.Duration;

/** What a standby that applies changes only some time after the primary needs, and is told of. */
public final class Delay {
  private static final String WORD = "delayed ";
  private static final Duration IN_SECONDS = Duration.ofMinutes(2);
  private static final Duration IN_MINUTES = Duration.ofHours(2);
  private static final Duration IN_HOURS = Duration.ofDays(2);

  private Delay() {}

  /** Whether a node's note says that it does what its delay asks for, and lacks nothing. */
  public static boolean isKept(String note) {
    return note.startsWith(WORD);
  }

  /**
   * A note for people: the delay, how old what it has applied is, and whether it receives.
   *
   * @param otherwise what is to be said of one that neither receives nor has anything to wait for
   */
  static String note(NodeSpec node, LocalServer.Standby here, String otherwise) {
    if (!here.receiving() && !here.held()) {
      return otherwise;
    }
    String behind =
        here.behind().isPresent()
            ? ", behind " + shown(Duration.ofSeconds(here.behind().getAsLong()))
            : "";
    String pending = here.receiving() ? "" : ", receives more once it has applied what it has";
    return WORD + Time.inWholeUnits(node.delay()) + behind + pending;
  }

  /** Coarsely, so that it does not change all the time. */
  static String shown(Duration time) {
    if (time.compareTo(IN_SECONDS) < 0) {
      return time.toSeconds() + "s";
    }
    if (time.compareTo(IN_MINUTES) < 0) {
      return time.toMinutes() + "m";
    }
    return time.compareTo(IN_HOURS) < 0 ? time.toHours() + "h" : time.toDays() + "d";
  }
}
