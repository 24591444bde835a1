package io.pgfleet.agent;

import io.pgfleet.consensus.group.GroupView;
import java.time.Duration;
import java.util.Optional;

/**
 * What an agent can say of its node at one moment.
 *
 * @param leads whether its server serves as primary under a lease that is certain at this moment,
 *     or during a pause that only this agent can end
 * @param inTouch whether the consensus servers answered just now
 * @param view the agreed state as last seen; empty before the first look
 * @param silence since when it has neither begun a round nor made progress in one
 */
public record Standing(boolean leads, boolean inTouch, Optional<GroupView> view, Duration silence) {
  /** Of an agent that has not reached the consensus servers since its start. */
  static final Standing UNKNOWN = new Standing(false, false, Optional.empty(), Duration.ZERO);
}
