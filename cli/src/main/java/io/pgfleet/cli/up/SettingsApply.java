package io.pgfleet.cli.up;

import io.pgfleet.agent.NodeServerException;
import io.pgfleet.agent.server.SettingsInquiry.Known;
import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.consensus.Agreement;
import io.pgfleet.consensus.ConflictException;
import io.pgfleet.consensus.group.GroupStore;
import io.pgfleet.consensus.group.GroupView.Versioned;
import io.pgfleet.consensus.group.ServerSettings;
import io.pgfleet.postgres.StandbyMinimums;
import io.pgfleet.spec.GroupName;
import io.pgfleet.spec.NodeName;
import io.pgfleet.spec.NodeSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the running servers of a group to the PostgreSQL settings of fleet.yaml: by a reload where
 * that is enough, else by restarts in an order in which standbys go on replaying.
 *
 * <p>Values are checked by PostgreSQL itself before anything changes. What only a start can show,
 * such as too little memory, shows at the first server that is restarted, a standby where there is
 * one; then all settings go back to what they were.
 */
final class SettingsApply {
  private static final Logger log = LoggerFactory.getLogger(SettingsApply.class);
  private static final Duration WRITTEN = Duration.ofSeconds(15);
  private static final Duration READ = Duration.ofMillis(300);

  /** How long a postmaster may take to hear of new settings. */
  private static final Duration HEARD = Duration.ofSeconds(3);

  private final GroupServers servers;
  private final GroupStore store;
  private final Consumer<String> progress;
  private final RollingRestart restarts;

  SettingsApply(GroupServers servers, Consumer<String> progress) {
    this.servers = servers;
    this.store = servers.store();
    this.progress = progress;
    this.restarts = new RollingRestart(servers, progress);
  }

  /** Has a fleet that starts run with the settings of its file. */
  static void adopt(Agreement agreement, GroupName group, Map<String, String> settings) {
    GroupStore store = new GroupStore(agreement, group);
    store.catchUp();
    if (!accepted(store).equals(Optional.of(lowered(settings)))) {
      store.operations().accept(new ServerSettings(lowered(settings)));
    }
  }

  /** Where no settings were accepted yet, those of this file are the first. */
  static void adoptFirst(GroupStore store, Map<String, String> settings) {
    store.catchUp();
    if (accepted(store).isEmpty()) {
      try {
        store.operations().accept(new ServerSettings(lowered(settings)));
      } catch (ConflictException e) {
        log.debug("another host was first", e);
      }
    }
  }

  private static Optional<Map<String, String>> accepted(GroupStore store) {
    return store.view().operations().settings().map(Versioned::value).map(ServerSettings::values);
  }

  /** PostgreSQL's names know no case. */
  private static Map<String, String> lowered(Map<String, String> settings) {
    Map<String, String> lowered = new TreeMap<>();
    settings.forEach((name, value) -> lowered.put(name.toLowerCase(Locale.ROOT), value));
    return lowered;
  }

  /**
   * What would change; refuses what could not be.
   *
   * @throws CommandFailure if PostgreSQL refuses a setting; nothing was changed
   */
  List<PlannedSetting> plan(Map<String, String> file) {
    Map<String, String> wanted = lowered(file);
    Map<String, String> before = accepted(store).orElse(Map.of());
    Set<String> names = new TreeSet<>(before.keySet());
    names.addAll(wanted.keySet());
    names.removeIf(name ->
        Optional.ofNullable(before.get(name)).equals(Optional.ofNullable(wanted.get(name))));
    if (names.isEmpty()) {
      return List.of();
    }
    NodeName primary = restarts.primary();
    servers.check(wanted);
    try {
      Map<String, Known> known = servers.settings(primary).known(names);
      List<PlannedSetting> plan = new ArrayList<>();
      for (String name : names) {
        Optional<Known> present = Optional.ofNullable(known.get(name));
        if (present.map(Known::isFixed).orElse(false)) {
          throw new CommandFailure(
              CommandFailure.USAGE,
              "nothing was changed: " + name + " can't be set",
              "take it out of postgres.settings in fleet.yaml");
        }
        plan.add(new PlannedSetting(name, present, Optional.ofNullable(wanted.get(name))));
      }
      return plan;
    } catch (NodeServerException e) {
      throw new CommandFailure("nothing was changed: " + e.getMessage(), "try again in a moment");
    }
  }

  /** Carries a plan out. */
  String run(List<PlannedSetting> plan, Map<String, String> file, boolean force) {
    boolean restarting = plan.stream().anyMatch(PlannedSetting::needsRestart);
    if (restarting) {
      restarts.awaitWhole();
    }
    Map<String, String> before = accepted(store).orElse(Map.of());
    store.operations().accept(new ServerSettings(lowered(file)));
    awaitWritten(plan, before);
    progress.accept("every server has read its new settings");
    if (!restarting) {
      return "applied";
    }
    List<NodeName> restarted = new ArrayList<>();
    try {
      for (NodeName standby : restarts.standbys()) {
        if (waits(standby, plan, setting -> !setting.shrinks())) {
          restarts.standby(standby);
          restarted.add(standby);
        }
      }
      NodeName primary = restarts.primary();
      if (waits(primary, plan, setting -> true)) {
        restarts.primaryInPlace(force);
        restarted.add(primary);
      }
    } catch (CommandFailure e) {
      throw restarted.isEmpty() ? takenBack(before, e) : e;
    }
    if (plan.stream().anyMatch(PlannedSetting::shrinks)) {
      // Only now that the primary has less may they have less.
      restarts.standbys().forEach(restarts::standby);
    }
    return "applied";
  }

  private CommandFailure takenBack(Map<String, String> before, CommandFailure why) {
    store.operations().accept(new ServerSettings(before));
    return new CommandFailure(
        "the settings were taken back: " + why.getMessage(),
        "every server goes on with the settings it had; correct fleet.yaml and apply again");
  }

  /**
   * Whether a server says that settings wait for its restart. It says so not before its postmaster
   * has dealt with the signal to reload, so where it should, it is asked for a while.
   *
   * @param expected of the settings that need a restart, those that this server is to get by one
   */
  private boolean waits(
      NodeName node, List<PlannedSetting> plan, Predicate<PlannedSetting> expected) {
    boolean should = plan.stream().filter(PlannedSetting::waitsForRestart).anyMatch(expected);
    long began = System.nanoTime();
    boolean waits = waitsNow(node, plan);
    while (!waits && should && System.nanoTime() - began < HEARD.toNanos()) {
      GroupServers.rest();
      waits = waitsNow(node, plan);
    }
    return waits;
  }

  private boolean waitsNow(NodeName node, List<PlannedSetting> plan) {
    try {
      Set<String> waiting = servers.settings(node).waiting();
      return plan.stream().anyMatch(setting -> waiting.contains(setting.name()));
    } catch (NodeServerException e) {
      throw new CommandFailure(
          node + " does not tell its settings: " + e.getMessage(), "'pgfleet status' tells more");
    }
  }

  /** Until each agent has written its server's file and the server has read it. */
  private void awaitWritten(List<PlannedSetting> plan, Map<String, String> before) {
    long began = System.nanoTime();
    NodeName primary = restarts.primary();
    for (NodeSpec node : servers.nodes()) {
      while (servers.runs(node.name()) && !written(node.name(), plan, before, primary)) {
        if (System.nanoTime() - began > WRITTEN.toNanos()) {
          throw new CommandFailure(
              "the agent of " + node.name() + " has not taken the settings over",
              "'pgfleet status' tells what it does; it takes them over once it can");
        }
        GroupServers.rest();
      }
    }
    GroupServers.rest(READ);
  }

  private boolean written(
      NodeName node, List<PlannedSetting> plan, Map<String, String> before, NodeName primary) {
    boolean standby = !node.equals(primary);
    try {
      Map<String, String> inFile = servers.settings(node).inFile();
      return plan.stream()
          // Of these a standby may keep more for now.
          .filter(setting -> !(standby && StandbyMinimums.names().contains(setting.name())))
          .allMatch(setting -> {
            Optional<String> value = Optional.ofNullable(inFile.get(setting.name()));
            return setting.to().isPresent()
                ? value.equals(setting.to())
                : !value.equals(Optional.ofNullable(before.get(setting.name())));
          });
    } catch (NodeServerException e) {
      return false;
    }
  }
}
