package io.pgfleet.agent;

import java.util.Objects;

/**
 * An agent's answer to an {@link AssentRequest}.
 *
 * @param promised whether it casts no vote for the time asked for
 * @param why a phrase for people where it does not promise
 */
public record Assent(boolean promised, String why) {
  public Assent {
    Objects.requireNonNull(why, "why");
  }

  static final Assent PROMISED = new Assent(true, "");

  static Assent refused(String why) {
    return new Assent(false, why);
  }
}
