package io.pgfleet.cli.up;

import io.pgfleet.cli.control.StatusReport;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;

/**
 * A board that is drawn over itself on a terminal; elsewhere a line is printed when something other
 * than positions has changed.
 */
public final class LiveBoard {
  /** How often to draw. */
  public static final Duration INTERVAL = Duration.ofMillis(250);

  private static final String CLEAR_LINE = "\u001b[2K";
  private static final String NO_WRAP = "\u001b[?7l";
  private static final String WRAP = "\u001b[?7h";
  private static final String CLEAR_BELOW = "\u001b[J";

  private final PrintStream out;
  private final Board board;
  private final boolean terminal;
  private int drawn;
  private String lastOutline = "";

  public LiveBoard(PrintStream out, Board board) {
    this.out = out;
    this.board = board;
    this.terminal = Terminal.canRedraw();
  }

  /** Draws a status. */
  public synchronized void show(StatusReport report) {
    if (terminal) {
      rewind();
      List<String> lines = board.lines(report);
      // A line that wrapped would take two rows, and the next board would begin one too low.
      out.print(NO_WRAP);
      lines.forEach(line -> out.println(CLEAR_LINE + line));
      out.print(WRAP);
      out.flush();
      drawn = lines.size();
      return;
    }
    String outline = outline(report);
    if (!outline.equals(lastOutline)) {
      lastOutline = outline;
      out.println(outline);
    }
  }

  private void rewind() {
    if (drawn > 0) {
      out.print("\u001b[%dA".formatted(drawn) + "\r" + CLEAR_BELOW);
      drawn = 0;
    }
  }

  private static String outline(StatusReport report) {
    StringBuilder text = new StringBuilder();
    for (StatusReport.Group group : report.groups()) {
      for (StatusReport.Node node : group.nodes()) {
        String note = node.role().equals("cloning") ? "" : node.note();
        text.append(node.name())
            .append(' ')
            .append(node.role())
            .append(
                node.state().isEmpty() || node.state().equals("serving") ? "" : " " + node.state())
            .append(note.isEmpty() ? "" : " (" + note + ")")
            .append("; ");
      }
    }
    return text
        + (report.ready() ? "ready" : report.step().isEmpty() ? "not whole" : report.step());
  }

  /** Prints lines that stay. */
  public synchronized void announce(List<String> lines) {
    rewind();
    lines.forEach(out::println);
    out.println();
  }

  /** Prints a line that stays. */
  public synchronized void say(String line) {
    rewind();
    out.println(line);
  }
}
