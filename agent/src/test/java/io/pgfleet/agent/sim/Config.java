package io.pgfleet.agent.sim;

import io.pgfleet.consensus.group.SyncSet;
import io.pgfleet.spec.NodeName;
import java.util.Optional;

/**
 * A server's configuration file as one of its processes has read it.
 *
 * @param edition grows with each rewriting; a process never goes back
 */
record Config(int edition, SyncSet names, Optional<NodeName> upstream) {
  static final Config FIRST = new Config(0, SyncSet.NONE, Optional.empty());

  Config with(SyncSet newNames, Optional<NodeName> newUpstream) {
    return new Config(edition + 1, newNames, newUpstream);
  }
}
