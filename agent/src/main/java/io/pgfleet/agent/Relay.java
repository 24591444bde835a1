package io.pgfleet.agent;

import io.pgfleet.consensus.group.GroupView;
import io.pgfleet.consensus.group.Member;
import io.pgfleet.consensus.group.Member.Role;
import io.pgfleet.spec.NodeName;
import java.time.Duration;
import java.util.Optional;

/**
 * The standby that a node receives from in place of the primary: its {@code upstream}. Left only
 * once it has been missing for as long as a standby may be away, and taken again only once it has
 * been there for as long, so that its restart is no reason to change. One that serves the primary
 * and not this node is passed over for a while.
 */
final class Relay {
  private static final long PASSED_OVER_NANOS = Duration.ofMinutes(1).toNanos();
  private static final long LONGEST_NANOS = Duration.ofMinutes(30).toNanos();

  private Optional<Member> known = Optional.empty();
  private boolean begun;
  private boolean taken;
  private boolean changing;
  private long since;
  private boolean failed;
  private long failedAt;
  private long passedOver;

  /**
   * Takes note of a view of the group.
   *
   * @param now by a monotonic clock, in nanoseconds
   * @return the upstream, perhaps as it was when it was seen last, if the node is to receive from
   *     it; empty if it is to receive from the primary
   */
  Optional<Member> of(AgentSettings settings, GroupView view, long now) {
    Optional<NodeName> upstream = settings.node().upstream();
    if (upstream.isEmpty()) {
      return Optional.empty();
    }
    Optional<Member> said = view.member(upstream.get());
    known = said.or(() -> known).filter(_ -> settings.others().contains(upstream.get()));
    Optional<Member> primary = view.servingPrimary();
    if (primary.isPresent()) {
      failed &= now - failedAt < passedOver;
      note(!failed && said.isPresent() && stands(primary.get(), said.get()), settings, now);
    } else {
      changing = false;
    }
    return taken ? known : Optional.empty();
  }

  /** This node could not receive from it, whatever others can. */
  void failed(long now) {
    // One that fails again and again is tried ever more seldom: each time costs what is received.
    boolean again = now - failedAt < 2 * passedOver;
    passedOver = again ? Math.min(2 * passedOver, LONGEST_NANOS) : PASSED_OVER_NANOS;
    failed = true;
    failedAt = now;
    taken = false;
    changing = false;
  }

  private void note(boolean stands, AgentSettings settings, long now) {
    if (!begun) {
      begun = true;
      taken = stands;
    }
    if (stands == taken) {
      changing = false;
    } else if (!changing) {
      changing = true;
      since = now;
    } else if (now - since >= settings.absence().toNanos()) {
      taken = stands;
      changing = false;
    }
  }

  /** Whether it is the primary, or receives from the primary as WAL is written. */
  private static boolean stands(Member primary, Member upstream) {
    return primary.node().equals(upstream.node())
        || (upstream.role() == Role.STANDBY
            && upstream.term().equals(primary.term())
            && primary.streamsTo(upstream.node()));
  }
}
