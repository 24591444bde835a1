package io.pgfleet.cli.up;

import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.cli.fleet.FleetChoice;
import io.pgfleet.cli.fleet.FleetRecord;
import io.pgfleet.gateway.Gateway;
import io.pgfleet.gateway.GatewaySettings;
import io.pgfleet.spec.FleetFile;
import io.pgfleet.spec.FleetSpec;
import io.pgfleet.spec.NodeName;
import io.pgfleet.spec.SpecException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The settings that a program of a fleet runs with, and what becomes of them when its file is read
 * again: the gateway's change at once, PostgreSQL's when they are applied ({@link SettingsApply}),
 * the others wait for a restart.
 */
final class FleetSettings {
  private static final Logger log = LoggerFactory.getLogger(FleetSettings.class);
  private static final String ABSENT = "(none)";
  private static final Pattern OF_GATEWAY = Pattern.compile("gateway[.].*");
  private static final Pattern AT_START =
      Pattern.compile(
          "gateway[.](run|host|port|loops|unix_socket_dir|unix_socket_mode|reads[.](max_lag|read_functions))");

  private static final Pattern OF_SERVERS = Pattern.compile("postgres[.]settings[.].*");

  private final FleetRecord record;
  private Map<String, String> applied;

  private FleetSettings(FleetRecord record, Map<String, String> applied) {
    this.record = record;
    this.applied = applied;
  }

  /** The settings that the fleet's file has now. */
  static FleetSettings of(FleetRecord record) {
    return new FleetSettings(record, read(record));
  }

  private static Map<String, String> read(FleetRecord record) {
    if (record.file().isEmpty()) {
      return FleetFile.defaultSettings();
    }
    try {
      return FleetFile.settings(record.file().get());
    } catch (SpecException e) {
      throw new CommandFailure(
          CommandFailure.USAGE,
          "nothing was changed; the file is wrong:\n" + e.getMessage(),
          "mend it and reload again");
    }
  }

  /**
   * What differs from the file.
   *
   * @param changed what the gateway follows at once
   * @param servers what PostgreSQL's servers are to follow
   * @param waiting what waits for the next start
   * @param now the settings once the gateway has followed
   */
  private record Differences(
      List<String> changed, List<String> servers, List<String> waiting, Map<String, String> now) {
    /** For people; of PostgreSQL's settings nothing. */
    List<String> lines(String ofChanged) {
      List<String> lines = new ArrayList<>();
      if (!changed.isEmpty()) {
        lines.add(ofChanged);
        lines.addAll(changed);
      }
      if (!waiting.isEmpty()) {
        lines.add("differs in the file, and stays as it is until a restart:");
        lines.addAll(waiting);
      }
      return lines;
    }
  }

  private Differences differences(Optional<Gateway> gateway) {
    Map<String, String> wanted = read(record);
    Differences found =
        new Differences(
            new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new LinkedHashMap<>());
    Set<String> paths = new LinkedHashSet<>(applied.keySet());
    paths.addAll(wanted.keySet());
    for (String path : paths) {
      String old = applied.getOrDefault(path, ABSENT);
      String next = wanted.getOrDefault(path, ABSENT);
      boolean atOnce =
          gateway.isPresent()
              && OF_GATEWAY.matcher(path).matches()
              && !AT_START.matcher(path).matches();
      String kept = atOnce ? next : old;
      if (!kept.equals(ABSENT)) {
        found.now().put(path, kept);
      }
      if (!old.equals(next)) {
        List<String> kind =
            atOnce
                ? found.changed()
                : OF_SERVERS.matcher(path).matches() ? found.servers() : found.waiting();
        kind.add("  " + path + ": " + old + " -> " + next);
      }
    }
    return found;
  }

  /**
   * Reads the file again and has the gateway follow it.
   *
   * @param local what this process wants otherwise than the file
   * @return a line for each setting that differs: its old and its new value
   * @throws CommandFailure if the file is wrong; then nothing has changed
   */
  synchronized String reload(Optional<Gateway> gateway, UnaryOperator<GatewaySettings> local) {
    Differences found = differences(gateway);
    follow(found, gateway, local);
    List<String> lines = found.lines("changed:");
    if (!found.servers().isEmpty()) {
      lines.add("differs in the file; 'pgfleet apply' has the servers follow:");
      lines.addAll(found.servers());
    }
    String told = lines.isEmpty() ? "nothing has changed" : String.join("\n", lines);
    log.info("reload: {}", told);
    return told;
  }

  private void follow(
      Differences found, Optional<Gateway> gateway, UnaryOperator<GatewaySettings> local) {
    FleetSpec spec = FleetChoice.spec(record);
    if (gateway.isPresent()) {
      try {
        gateway.get().reload(local.apply(GatewayFromSpec.settings(spec)));
      } catch (IOException e) {
        throw new CommandFailure("nothing was changed: " + e.getMessage(), "");
      }
    }
    applied = found.now();
  }

  /** What {@link #follow} would change, line by line. */
  synchronized List<String> preview(Optional<Gateway> gateway) {
    return differences(gateway).lines("gateway settings, at once:");
  }

  /** Has the gateway follow the file; what it changed, line by line. */
  synchronized List<String> follow(Optional<Gateway> gateway) {
    Differences found = differences(gateway);
    follow(found, gateway, wanted -> wanted);
    return found.lines("gateway settings, at once:");
  }

  /** A node of the file has been taken up, or let go. */
  synchronized void followedByNode(NodeName node, boolean isMember) {
    Pattern ofNode = Pattern.compile("groups[.][^.]+[.]nodes[.]" + node + "([.].*)?");
    Map<String, String> now = new LinkedHashMap<>(applied);
    now.keySet().removeIf(path -> ofNode.matcher(path).matches());
    if (isMember) {
      read(record)
          .forEach((path, value) -> {
            if (ofNode.matcher(path).matches()) {
              now.put(path, value);
            }
          });
    }
    applied = now;
  }

  /** The servers have followed the file. */
  synchronized void followedByServers() {
    Map<String, String> now = new LinkedHashMap<>(applied);
    now.keySet().removeIf(path -> OF_SERVERS.matcher(path).matches());
    read(record)
        .forEach((path, value) -> {
          if (OF_SERVERS.matcher(path).matches()) {
            now.put(path, value);
          }
        });
    applied = now;
  }
}
