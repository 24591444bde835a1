package io.pgfleet.cli.up;

import io.pgfleet.cli.control.StatusReport;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A status as lines of text: the table of {@code status} and the live board of {@code up}. */
public final class Board {
  private static final String RESET = "\u001b[0m";
  private static final String BOLD = "\u001b[1m";
  private static final String GREEN = "\u001b[32m";
  private static final String YELLOW = "\u001b[33m";
  private static final String RED = "\u001b[31m";
  private static final long KILO = 1000;

  private final boolean colours;

  public Board(boolean colours) {
    this.colours = colours;
  }

  /** The lines, without line ends. */
  public List<String> lines(StatusReport report) {
    List<String> lines = new ArrayList<>();
    String health =
        report.ready()
            ? paint(GREEN, "ready")
            : paint(YELLOW, report.step().isEmpty() ? "not whole" : report.step());
    lines.add(paint(BOLD, report.fleet()) + "  " + health);
    for (StatusReport.Group group : report.groups()) {
      lines.addAll(group(group));
    }
    lines.add(gateway(report.gateway()));
    report.archives().forEach(archive -> lines.add(archive(archive)));
    return lines;
  }

  private String archive(StatusReport.Archive archive) {
    List<String> words = new ArrayList<>();
    words.add(
        archive.newest().isPresent()
            ? "base backup " + ago(archive.newest().get()) + " ago"
            : paint(YELLOW, "no base backup yet"));
    archive
        .end()
        .ifPresent(end ->
            words.add(
                "WAL up to "
                    + end
                    + archive.confirmed().map(at -> ", " + ago(at) + " ago").orElse("")));
    archive
        .drilled()
        .ifPresent(at ->
            words.add(
                archive
                    .drillFailure()
                    .map(why -> paint(RED, "drill FAILED " + ago(at) + " ago: " + why))
                    .orElseGet(() -> "drill passed " + ago(at) + " ago")));
    archive.trouble().ifPresent(why -> words.add(paint(RED, why)));
    return "backup %s  %s".formatted(archive.name(), String.join("  ", words));
  }

  /** How long ago a time was, in its largest unit. */
  private static String ago(String time) {
    Duration passed = Duration.between(Instant.parse(time), Instant.now());
    if (passed.toDays() > 1) {
      return passed.toDays() + " d";
    }
    if (passed.toHours() > 1) {
      return passed.toHours() + " h";
    }
    return passed.toMinutes() > 1
        ? passed.toMinutes() + " min"
        : Math.max(0, passed.toSeconds()) + " s";
  }

  private String gateway(StatusReport.Gateway gateway) {
    if (gateway.processes() >= 0) {
      return "gateway %s  %s"
          .formatted(
              gateway.address(),
              gateway.processes() == 0
                  ? paint(YELLOW, "none runs")
                  : paint(GREEN, "runs in " + gateway.processes() + " processes"));
    }
    return "gateway %s  %s  %d clients, %d waiting, %d server connections, %d transactions"
        .formatted(
            gateway.address(),
            gateway.held() ? paint(YELLOW, "holding") : paint(GREEN, "open"),
            gateway.clients(),
            gateway.waiting(),
            gateway.servers(),
            gateway.transactions());
  }

  private List<String> group(StatusReport.Group group) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "group %s  term %d  %s  a commit waits for %s"
            .formatted(
                group.name(),
                group.term(),
                group
                    .primary()
                    .map(primary -> "primary " + primary)
                    .orElseGet(() -> paint(RED, "no primary")),
                group.waitsFor().equals("none") ? "the primary alone" : group.waitsFor()));
    group
        .pausedSince()
        .ifPresent(since ->
            lines.add(
                paint(YELLOW, "  paused since " + since + ": 'pgfleet resume' ends maintenance")));
    group.scheduled().ifPresent(move -> lines.add("  the primary " + move));
    RestartHints.of(group.nodes()).forEach(hint -> lines.add(paint(YELLOW, "  " + hint)));
    lines.addAll(table(rows(group.nodes())));
    return lines;
  }

  private static List<String[]> rows(List<StatusReport.Node> nodes) {
    List<String[]> rows = new ArrayList<>();
    rows.add(new String[] {"NODE", "ROLE", "STATE", "SYNC", "ADDRESS", "TIMELINE", "LAG", "NOTE"});
    for (StatusReport.Node node : nodes) {
      rows.add(
          new String[] {
            node.name(),
            node.role(),
            node.state(),
            node.synchronous(),
            node.address(),
            node.timeline() == 0 ? "" : Integer.toString(node.timeline()),
            lag(node.lagBytes()),
            node.note()
          });
    }
    return rows;
  }

  private List<String> table(List<String[]> rows) {
    int columns = rows.getFirst().length;
    int[] widths = new int[columns];
    for (String[] row : rows) {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], row[i].length());
      }
    }
    List<String> lines = new ArrayList<>();
    for (String[] row : rows) {
      StringBuilder line = new StringBuilder(" ");
      for (int i = 0; i < columns; i++) {
        String cell = row[i] + " ".repeat(widths[i] - row[i].length());
        line.append(' ').append(i == 1 ? paintRole(row[i], cell) : cell);
      }
      lines.add(line.toString().stripTrailing());
    }
    return lines;
  }

  private String paintRole(String role, String cell) {
    return switch (role) {
      case "primary" -> paint(GREEN + BOLD, cell);
      case "standby" -> paint(GREEN, cell);
      case "cloning" -> paint(YELLOW, cell);
      case "stopped", "silent" -> paint(RED, cell);
      default -> cell;
    };
  }

  /** Bytes as people read them; decimal units. */
  static String lag(Optional<Long> bytes) {
    if (bytes.isEmpty()) {
      return "";
    }
    long size = Math.max(0, bytes.get());
    if (size < KILO) {
      return size + " B";
    }
    if (size < KILO * KILO) {
      return size / KILO + " kB";
    }
    return size / (KILO * KILO) + " MB";
  }

  private String paint(String colour, String text) {
    return colours ? colour + text + RESET : text;
  }
}
