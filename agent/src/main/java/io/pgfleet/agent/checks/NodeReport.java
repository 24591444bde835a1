package io.pgfleet.agent.checks;

import io.pgfleet.agent.Standing;
import io.pgfleet.agent.server.ServerFacts;
import io.pgfleet.consensus.group.GroupState;
import io.pgfleet.consensus.group.GroupView;
import io.pgfleet.consensus.group.GroupView.Versioned;
import io.pgfleet.consensus.group.Member;
import io.pgfleet.consensus.group.SyncSet;
import io.pgfleet.spec.NodeName;
import io.pgfleet.spec.NodeSpec;
import io.pgfleet.wire.Lsn;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * All that a check rests on: what the agent knows, and what its server has just said.
 *
 * @param server empty if the server does not run or does not answer
 */
record NodeReport(NodeSpec spec, Standing standing, Optional<ServerFacts> server) {
  NodeName node() {
    return spec.name();
  }

  /** Whether the server takes writes, under a lease that is certain. */
  boolean primary() {
    return standing.leads() && server.map(facts -> !facts.inRecovery()).orElse(false);
  }

  /**
   * Whether the server answers reads as a standby of the newest reign, and is to be sent any. One
   * of a former reign may have replayed commits that were lost with their primary.
   */
  boolean standby() {
    return !spec.neverRead()
        && server.map(ServerFacts::inRecovery).orElse(false)
        && ofNewestReign();
  }

  private boolean ofNewestReign() {
    Optional<GroupState> state = standing.view().flatMap(GroupView::state).map(Versioned::value);
    return standing
        .view()
        .flatMap(view -> view.member(node()))
        .filter(self -> self.role() == Member.Role.STANDBY)
        .filter(self -> state.map(GroupState::term).equals(Optional.of(self.term())))
        .isPresent();
  }

  /** Bytes of WAL that the primary has written and this standby has not replayed; 0 if unknown. */
  long replayLag() {
    return behind(server.flatMap(ServerFacts::replayed));
  }

  /** The same for what it has not received. */
  long receiveLag() {
    return behind(server.flatMap(ServerFacts::received));
  }

  private long behind(Optional<Lsn> here) {
    Optional<Lsn> end =
        Stream.of(
                standing.view().flatMap(GroupView::servingPrimary).flatMap(Member::position),
                server.flatMap(ServerFacts::upstreamEnd))
            .flatMap(Optional::stream)
            .max(Lsn::compareTo);
    return end.isEmpty() || here.isEmpty() ? 0 : Math.max(0, end.get().minus(here.get()));
  }

  boolean streaming() {
    return server.flatMap(ServerFacts::receiver).filter("streaming"::equals).isPresent();
  }

  /** What commits wait for, as the serving primary says. */
  private SyncSet waitsFor() {
    return standing
        .view()
        .flatMap(GroupView::servingPrimary)
        .map(Member::waitsFor)
        .orElse(SyncSet.NONE);
  }

  /** Whether every commit waits for this node. */
  boolean synchronous() {
    SyncSet names = waitsFor();
    return names.contains(node()) && names.acknowledging() == names.members().size();
  }

  /** Whether commits wait for some of a set that this node is in. */
  boolean quorum() {
    return waitsFor().contains(node()) && !synchronous();
  }
}
