package io.pgfleet.agent;

import io.pgfleet.consensus.ConflictException;
import io.pgfleet.consensus.group.GroupState;
import io.pgfleet.consensus.group.GroupStore;
import io.pgfleet.consensus.group.GroupView;
import io.pgfleet.consensus.group.GroupView.Versioned;
import io.pgfleet.consensus.group.MoveTargets;
import io.pgfleet.consensus.group.PlannedMove;
import io.pgfleet.consensus.group.ScheduledMove;
import io.pgfleet.spec.GroupSpec;
import io.pgfleet.spec.NodeName;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Begins a move that was asked for at some time, once that time has come by the clock of the
 * primary's host. One that can't begin, because the node is not in the synchronous set or the group
 * is paused, is tried again for a while and then dropped: much later nobody may expect it any more.
 */
final class ScheduledMoves {
  private static final Logger log = LoggerFactory.getLogger(ScheduledMoves.class);
  private static final Duration LATEST = Duration.ofMinutes(5);

  private final NodeName me;
  private final GroupSpec group;
  private final InstantSource clock;

  ScheduledMoves(NodeName me, GroupSpec group, InstantSource clock) {
    this.me = me;
    this.group = group;
    this.clock = clock;
  }

  /** Looks whether it is time; to be called while this node leads. */
  void round(GroupStore store, GroupView view) {
    Optional<Versioned<ScheduledMove>> due =
        view.operations().scheduled().filter(move -> !clock.instant().isBefore(move.value().at()));
    if (due.isEmpty() || view.state().isEmpty()) {
      return;
    }
    try {
      begin(store, view, view.state().get().value(), due.get());
    } catch (ConflictException e) {
      log.debug("{}: the scheduled move has changed", me, e);
    }
  }

  private void begin(
      GroupStore store, GroupView view, GroupState state, Versioned<ScheduledMove> due) {
    ScheduledMove move = due.value();
    if (move.to().equals(Optional.of(me))) {
      log.info("{} is the primary already; the scheduled move is done", me);
      store.operations().unschedule(due);
      return;
    }
    Optional<NodeName> to =
        view.operations().pause().isPresent()
            ? Optional.empty()
            : move.to()
                .or(() -> MoveTargets.best(group, view))
                .filter(node -> MoveTargets.include(group, view, node));
    if (to.isPresent()) {
      log.info("{}: the time has come to move the primary to {}", me, to.get());
      store
          .operations()
          .begin(due, view.move(), new PlannedMove(to.get(), state.term(), move.force()));
    } else if (clock.instant().isAfter(move.at().plus(LATEST))) {
      log.warn("{}: the scheduled move could not begin in time and is dropped", me);
      store.operations().unschedule(due);
    }
  }
}
