package io.pgfleet.agent.server;

import io.pgfleet.postgres.Server;
import io.pgfleet.wire.Lsn;
import java.util.Optional;
import java.util.function.Consumer;

/** Another place that a standby's data can come from than a server of its group. */
public interface StandbyOrigin {
  /** Of the primary that the standby is to follow. */
  record Line(long systemIdentifier, int timeline) {}

  /**
   * Makes the data of a server that has none.
   *
   * @param kept from here on the server to follow keeps WAL, so the data has to reach it, on the
   *     way to the timeline
   * @param progress told in words
   * @return why it can't be made of that, and nothing stands there then; empty if it was made, and
   *     can start as a standby
   */
  Optional<String> make(Server server, Line line, Lsn kept, Consumer<String> progress);
}
