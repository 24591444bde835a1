package io.pgfleet.agent;

import io.pgfleet.consensus.group.Term;
import io.pgfleet.spec.GroupName;
import io.pgfleet.spec.NodeName;
import java.time.Duration;
import java.util.Objects;

/**
 * What a primary that can't reach the consensus servers asks of the other agents: to cast no vote
 * against its reign for a while.
 *
 * @param group the group it leads
 * @param from the primary's node
 * @param term its reign
 * @param length for how long, counted by the asked from the moment it answers
 */
public record AssentRequest(String group, NodeName from, Term term, Duration length) {
  /** Nothing may be missing. */
  public AssentRequest {
    Objects.requireNonNull(group, "group");
    Objects.requireNonNull(from, "from");
    Objects.requireNonNull(term, "term");
    Objects.requireNonNull(length, "length");
  }

  AssentRequest(GroupName group, NodeName from, Term term, Duration length) {
    this(group.value(), from, term, length);
  }
}
