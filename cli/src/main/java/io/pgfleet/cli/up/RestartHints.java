package io.pgfleet.cli.up;

import io.pgfleet.cli.control.StatusReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a restart of servers would change, as lines for people; none where all is alike. */
final class RestartHints {
  private static final String ROLLING = "'pgfleet restart --rolling'";

  private RestartHints() {}

  static List<String> of(List<StatusReport.Node> nodes) {
    List<String> hints = new ArrayList<>();
    Map<String, List<StatusReport.Node>> byVersion = byVersion(nodes);
    if (byVersion.size() > 1) {
      hints.add(
          byVersion.entrySet().stream()
              .map(one -> verb(one.getValue()) + " PostgreSQL " + one.getKey())
              .collect(Collectors.joining(", ")));
    }
    byVersion.forEach((version, running) ->
        running.stream()
            .flatMap(node -> node.installed().stream())
            .filter(installed -> !installed.equals(version))
            .distinct()
            .sorted()
            .forEach(installed -> hints.add(other(version, installed, running))));
    List<StatusReport.Node> pending =
        nodes.stream().filter(StatusReport.Node::pendingRestart).toList();
    if (!pending.isEmpty()) {
      hints.add("settings of " + names(pending) + " wait for a restart: " + ROLLING);
    }
    return hints;
  }

  private static Map<String, List<StatusReport.Node>> byVersion(List<StatusReport.Node> nodes) {
    Map<String, List<StatusReport.Node>> byVersion = new TreeMap<>();
    for (StatusReport.Node node : nodes) {
      node.version()
          .ifPresent(version ->
              byVersion.merge(
                  version,
                  List.of(node),
                  (some, more) -> Stream.concat(some.stream(), more.stream()).toList()));
    }
    return byVersion;
  }

  private static String other(
      String version, String installed, List<StatusReport.Node> sameVersion) {
    List<StatusReport.Node> nodes =
        sameVersion.stream()
            .filter(node -> node.installed().equals(Optional.of(installed)))
            .toList();
    return verb(nodes)
        + " PostgreSQL "
        + version
        + ", and "
        + installed
        + " is installed"
        + (major(version).equals(major(installed))
            ? ": " + ROLLING
            : ", which can't start this data: install " + major(version) + " again");
  }

  private static String verb(List<StatusReport.Node> nodes) {
    return names(nodes) + (nodes.size() == 1 ? " runs" : " run");
  }

  private static String names(List<StatusReport.Node> nodes) {
    return nodes.stream().map(StatusReport.Node::name).collect(Collectors.joining(", "));
  }

  private static String major(String version) {
    return version.replaceFirst("[.].*", "");
  }
}
