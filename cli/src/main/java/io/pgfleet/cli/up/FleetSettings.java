package io.pgfleet.cli.up;

import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.cli.fleet.FleetChoice;
import io.pgfleet.cli.fleet.FleetRecord;
import io.pgfleet.gateway.Gateway;
import io.pgfleet.gateway.GatewaySettings;
import io.pgfleet.spec.FleetFile;
import io.pgfleet.spec.FleetSpec;
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
 * again: the gateway's change at once, the others wait for a restart.
 */
final class FleetSettings {
  private static final Logger log = LoggerFactory.getLogger(FleetSettings.class);
  private static final String ABSENT = "(none)";
  private static final Pattern OF_GATEWAY = Pattern.compile("gateway[.].*");
  private static final Pattern AT_START =
      Pattern.compile(
          "gateway[.](run|host|port|loops|unix_socket_dir|unix_socket_mode|reads[.](max_lag|read_functions))");

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
   * Reads the file again and has a gateway follow it.
   *
   * @param local what this process wants otherwise than the file
   * @return a line for each setting that differs: its old and its new value
   * @throws CommandFailure if the file is wrong; then nothing has changed
   */
  synchronized String reload(Optional<Gateway> gateway, UnaryOperator<GatewaySettings> local) {
    Map<String, String> wanted = read(record);
    FleetSpec spec = FleetChoice.spec(record);
    if (gateway.isPresent()) {
      try {
        gateway.get().reload(local.apply(GatewayFromSpec.settings(spec)));
      } catch (IOException e) {
        throw new CommandFailure("nothing was changed: " + e.getMessage(), "");
      }
    }
    List<String> changed = new ArrayList<>();
    List<String> waiting = new ArrayList<>();
    Map<String, String> now = new LinkedHashMap<>();
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
        now.put(path, kept);
      }
      if (!old.equals(next)) {
        (atOnce ? changed : waiting).add("  " + path + ": " + old + " -> " + next);
      }
    }
    applied = now;
    String told = told(changed, waiting);
    log.info("reload: {}", told);
    return told;
  }

  private static String told(List<String> changed, List<String> waiting) {
    List<String> lines = new ArrayList<>();
    if (!changed.isEmpty()) {
      lines.add("changed:");
      lines.addAll(changed);
    }
    if (!waiting.isEmpty()) {
      lines.add("differs in the file, and stays as it is until a restart:");
      lines.addAll(waiting);
    }
    return lines.isEmpty() ? "nothing has changed" : String.join("\n", lines);
  }
}
