package io.pgfleet.cli.up;

import io.pgfleet.agent.server.ServerAccess;
import io.pgfleet.agent.server.ServerInquiry;
import io.pgfleet.agent.server.SettingsInquiry;
import io.pgfleet.cli.control.StatusReport;
import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.cli.fleet.FleetChoice.Fleet;
import io.pgfleet.consensus.ConflictException;
import io.pgfleet.consensus.Ticker;
import io.pgfleet.consensus.group.GroupStore;
import io.pgfleet.consensus.group.GroupView;
import io.pgfleet.consensus.group.GroupView.Versioned;
import io.pgfleet.consensus.group.Member;
import io.pgfleet.consensus.group.SettingsTrial;
import io.pgfleet.spec.GroupSpec;
import io.pgfleet.spec.NodeName;
import io.pgfleet.spec.NodeSpec;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * The servers of a running group as a command finds them, on this host or others: what agents say
 * through the agreed state, and what servers themselves answer the fleet's superuser.
 */
final class GroupServers {
  private static final Duration JUDGED = Duration.ofSeconds(20);
  private static final Duration STEP = Duration.ofMillis(50);

  private final Fleet fleet;
  private final GroupStore store;
  private final StatusWriter status;
  private final String password;

  /**
   * Servers.
   *
   * @throws CommandFailure if the fleet's secrets are not on this host
   */
  GroupServers(Fleet fleet, GroupStore store) {
    this.fleet = fleet;
    this.store = store;
    this.status = new StatusWriter(fleet, _ -> Optional.empty());
    this.password = AgreedState.secret(fleet.record().home(), "role.postgres");
  }

  GroupStore store() {
    return store;
  }

  /** The group as it is now. */
  GroupSpec group() {
    return store.view().operations().nodes().appliedTo(fleet.spec().groups().getFirst());
  }

  List<NodeSpec> nodes() {
    return group().nodes();
  }

  NodeSpec node(NodeName name) {
    return nodes().stream().filter(node -> node.name().equals(name)).findFirst().orElseThrow();
  }

  private ServerAccess access(NodeName name) {
    return new ServerAccess(node(name), password, HostTls.of(fleet).map(HostTls::forServer));
  }

  /** To ask a node's server what it is. */
  ServerInquiry inquiry(NodeName name) {
    return new ServerInquiry(access(name), Ticker.system());
  }

  /** To ask a node's server about its settings. */
  SettingsInquiry settings(NodeName name) {
    return new SettingsInquiry(access(name));
  }

  private StatusReport.Group seen(GroupView view) {
    return status.report(Optional.of(view), Optional.empty(), "").groups().getFirst();
  }

  /** Whether there is a primary and every other node streams from it. */
  boolean whole() {
    return status.report(Optional.of(store.view()), Optional.empty(), "").ready();
  }

  /** Whether a node's agent says that its server runs. */
  boolean runs(NodeName name) {
    return store
        .view()
        .member(name)
        .map(Member::role)
        .filter(role -> role == Member.Role.PRIMARY || role == Member.Role.STANDBY)
        .isPresent();
  }

  /** PostgreSQL's own words, if the node's server refuses to start. */
  Optional<String> failedStart(NodeName name) {
    return seen(store.view()).nodes().stream()
        .filter(shown -> shown.name().equals(name.value()))
        .map(StatusReport.Node::note)
        .filter(note -> note.contains("did not start"))
        .findFirst();
  }

  Switchover switchover() {
    return new Switchover(() -> Optional.of(store), GroupNodes.of(fleet));
  }

  /**
   * Has PostgreSQL look at settings where the primary is.
   *
   * @throws CommandFailure if it refuses them, or nobody answers
   */
  void check(Map<String, String> wanted) {
    String id = UUID.randomUUID().toString();
    store.operations().ask(new SettingsTrial(id, wanted, Optional.empty()));
    long began = System.nanoTime();
    while (true) {
      Optional<Versioned<SettingsTrial>> trial = store.operations().trial();
      if (trial.isEmpty() || !trial.get().value().id().equals(id)) {
        throw new CommandFailure(
            "nothing was changed: another command asks about settings now", "try again");
      }
      Optional<SettingsTrial.Verdict> verdict = trial.get().value().verdict();
      boolean late = System.nanoTime() - began > JUDGED.toNanos();
      if (verdict.isPresent() || late) {
        store.operations().forget(trial.get());
        refuse(verdict);
        return;
      }
      rest();
    }
  }

  private static void refuse(Optional<SettingsTrial.Verdict> verdict) {
    if (verdict.isEmpty()) {
      throw new CommandFailure(
          "nothing was changed: the agent of the primary does not say what PostgreSQL thinks of"
              + " the settings",
          "'pgfleet status' tells what it does; an agent of an earlier release does not answer");
    }
    if (!verdict.get().accepted()) {
      throw new CommandFailure(
          CommandFailure.USAGE,
          "nothing was changed. " + verdict.get().why(),
          verdict.get().remedy());
    }
  }

  /**
   * Does what restarts servers, with nobody else doing so meanwhile, on any host.
   *
   * @throws CommandFailure if somebody does
   */
  <T> T alone(Supplier<T> work) {
    try {
      store.operations().claim();
    } catch (ConflictException e) {
      throw new CommandFailure(
          "another command restarts servers now", "wait until it has ended, and try again");
    }
    try {
      return work.get();
    } finally {
      store.operations().unclaim();
    }
  }

  /** A moment between two looks. */
  static void rest() {
    rest(STEP);
  }

  static void rest(Duration time) {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailure("interrupted", "'pgfleet status' tells how far it came");
    }
  }
}
