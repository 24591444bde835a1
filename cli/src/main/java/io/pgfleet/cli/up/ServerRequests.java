package io.pgfleet.cli.up;

import io.pgfleet.cli.control.Request;
import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.cli.fleet.FleetChoice;
import io.pgfleet.cli.fleet.FleetChoice.Fleet;
import io.pgfleet.consensus.AgreementException;
import io.pgfleet.consensus.group.GroupStore;
import io.pgfleet.spec.NodeName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * What operators ask of a group's servers that takes several steps: restarts, and PostgreSQL
 * settings. Any host can ask; the agents do it.
 */
final class ServerRequests {
  /** Whatever else of a fleet follows its file with the servers. */
  interface Followers {
    /** Nothing else. */
    Followers NONE =
        new Followers() {
          @Override
          public List<String> preview() {
            return List.of();
          }

          @Override
          public List<String> follow() {
            return List.of();
          }

          @Override
          public void serversFollowed() {}
        };

    /** What {@link #follow} would change, line by line. */
    List<String> preview();

    /** Follows the file; what changed, line by line. */
    List<String> follow();

    /** The servers have followed the file, too. */
    void serversFollowed();
  }

  private final Fleet fleet;
  private final GroupServers servers;
  private final Function<String, NodeName> known;
  private final Followers followers;

  /**
   * Requests.
   *
   * @param known a node by its name, or the failure that there is none
   */
  ServerRequests(
      Fleet fleet, GroupStore store, Function<String, NodeName> known, Followers followers) {
    this.fleet = fleet;
    this.servers = new GroupServers(fleet, store);
    this.known = known;
    this.followers = followers;
  }

  /** Whether a request is one of these. */
  static boolean include(Request request) {
    return request.command().equals("restart") || request.command().equals("apply");
  }

  /**
   * Carries a request out.
   *
   * @return what has been achieved, for people
   */
  String handle(Request request, Consumer<String> progress) {
    try {
      if (request.command().equals("restart")) {
        return servers.alone(() -> restart(request, progress));
      }
      return request.option("dry-run")
          ? apply(request, progress)
          : servers.alone(() -> apply(request, progress));
    } catch (AgreementException e) {
      throw new CommandFailure(
          "the agreed state can't be reached: " + e.getMessage(),
          "'pgfleet status' tells how far it came; try again in a moment");
    }
  }

  private String restart(Request request, Consumer<String> progress) {
    RollingRestart restart = new RollingRestart(servers, progress);
    boolean force = request.option("force");
    return request
        .argument()
        .map(node -> restart.one(known.apply(node), force))
        .orElseGet(() -> restart.all(force));
  }

  private String apply(Request request, Consumer<String> progress) {
    Map<String, String> wanted = FleetChoice.spec(fleet.record()).postgres().settings();
    servers.store().catchUp();
    SettingsApply apply = new SettingsApply(servers, progress);
    List<PlannedSetting> plan = apply.plan(wanted);
    List<String> lines = new ArrayList<>();
    if (!plan.isEmpty()) {
      lines.add("PostgreSQL settings:");
      plan.forEach(setting -> lines.add(setting.line()));
    }
    if (request.option("dry-run")) {
      lines.addAll(followers.preview());
      return lines.isEmpty() ? "nothing has changed" : String.join("\n", lines);
    }
    lines.addAll(followers.follow());
    if (lines.isEmpty()) {
      return "nothing has changed";
    }
    lines.forEach(progress);
    if (plan.isEmpty()) {
      return "applied";
    }
    String done = apply.run(plan, wanted, request.option("force"));
    followers.serversFollowed();
    return done;
  }
}
