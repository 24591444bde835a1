package io.pgfleet.postgres;

import java.util.Map;
import java.util.Optional;

/** What a server is to be at its next start. */
public sealed interface Role {
  /** Accepts writes. */
  record Primary() implements Role {}

  /**
   * Replays WAL and never writes.
   *
   * @param upstream where from; without one it waits for the next configuration
   */
  record Standby(Optional<Upstream> upstream) implements Role {}

  /**
   * Replays WAL that a command fetches, up to a moment, and accepts writes from then on.
   *
   * @param settings {@code restore_command} and those that name the moment (PostgreSQL manual,
   *     'Recovery Target')
   */
  record Recovery(Map<String, String> settings) implements Role {
    /** Copies the settings. */
    public Recovery {
      settings = Map.copyOf(settings);
    }
  }

  /**
   * Replays WAL up to a moment and stays there, to be looked at. Nobody's password is known then,
   * so whoever reaches its Unix-domain socket may read everything, and there is no other way in:
   * the socket's folder has to be closed to all others.
   *
   * @param settings as for {@link Recovery}
   */
  record Paused(Map<String, String> settings) implements Role {
    /** Copies the settings. */
    public Paused {
      settings = Map.copyOf(settings);
    }
  }
}
