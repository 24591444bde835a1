package io.pgfleet.cli.up;

import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.consensus.ConflictException;
import io.pgfleet.consensus.group.GroupState;
import io.pgfleet.consensus.group.GroupStore;
import io.pgfleet.consensus.group.GroupView;
import io.pgfleet.consensus.group.GroupView.Versioned;
import io.pgfleet.consensus.group.Pause;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/** Pauses a group and ends the pause. */
final class MaintenanceMode {
  private static final Duration PATIENCE = Duration.ofSeconds(15);
  private static final Duration STEP = Duration.ofMillis(50);
  private static final int TRIES = 20;

  private final GroupStore store;

  MaintenanceMode(GroupStore store) {
    this.store = store;
  }

  String begin() {
    for (int i = 0; i < TRIES; i++) {
      store.catchUp();
      GroupView view = store.view();
      Optional<Versioned<Pause>> standing = view.operations().pause();
      if (standing.isPresent() && !standing.get().value().ending()) {
        return "paused since " + standing.get().value().since();
      }
      if (view.servingPrimary().isEmpty()) {
        throw new CommandFailure(
            "there is no primary now, and a pause would keep it so",
            "wait until 'pgfleet status' shows one, and try again");
      }
      Versioned<GroupState> state = view.state().orElseThrow();
      try {
        store
            .operations()
            .pause(
                state, standing, new Pause(Instant.now().truncatedTo(ChronoUnit.SECONDS), false));
        return "paused: no server is started, stopped or promoted until 'pgfleet resume'";
      } catch (ConflictException e) {
        // The state moved on in between; what it is now decides.
        pause();
      }
    }
    throw new CommandFailure("the agreed state changes all the time", "try again in a moment");
  }

  String end(boolean primaryIsStopped) {
    store.catchUp();
    Optional<Versioned<Pause>> standing = store.view().operations().pause();
    if (standing.isEmpty()) {
      return "not paused";
    }
    try {
      if (primaryIsStopped) {
        store.operations().forgetPause(standing.get());
        return "resumed";
      }
      if (!standing.get().value().ending()) {
        store.operations().endPause(standing.get());
      }
    } catch (ConflictException e) {
      throw new CommandFailure("another operator was first", "try again");
    }
    for (long waited = 0; waited < PATIENCE.toMillis(); waited += STEP.toMillis()) {
      if (store.view().operations().pause().isEmpty()) {
        return "resumed";
      }
      pause();
    }
    String last =
        store.view().state().map(state -> state.value().leader().value()).orElse("the primary");
    throw new CommandFailure(
        "the agent of " + last + " does not answer, and its server may still accept writes",
        "start that agent, and the pause ends by itself; or, only once you have made sure that the"
            + " server of "
            + last
            + " is stopped, call 'pgfleet resume --primary-is-stopped'");
  }

  private static void pause() {
    try {
      Thread.sleep(STEP);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailure("interrupted", "");
    }
  }
}
