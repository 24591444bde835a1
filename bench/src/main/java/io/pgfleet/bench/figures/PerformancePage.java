package io.pgfleet.bench.figures;

import io.pgfleet.bench.BenchException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A page of a folder, usually {@code performance.md}, with the results beside it: {@code
 * performance.json}, and a chart for each group that has throughputs. Only what stands between the
 * markers of a group is written; the words around it are their author's.
 */
public final class PerformancePage {
  private final Path folder;
  private final String name;

  /**
   * A page.
   *
   * @param folder such as {@code docs}
   * @param name of the page within it, such as {@code performance.md}
   */
  private PerformancePage(Path folder, String name) {
    this.folder = folder;
    this.name = name;
  }

  /**
   * Checks, before anything is measured, that results can be written here.
   *
   * @throws BenchException if the page is not there, or lacks the group's markers
   */
  public void check(String group) {
    between(read(page()), group, "");
    kept();
  }

  /** Keeps these in the place of former ones of the same loads, and writes their group anew. */
  public void write(List<Run> newer) {
    Results results = kept().with(newer);
    write(folder.resolve("performance.json"), results.json());
    newer.stream().map(Run::group).distinct().forEach(group -> write(results, group));
  }

  private void write(Results results, String group) {
    List<Run> runs = results.of(group);
    String text = MarkdownReport.of(runs);
    boolean drawn =
        runs.stream()
            .anyMatch(run -> run.peers().stream().anyMatch(p -> p.throughput().isPresent()));
    if (drawn) {
      String file = "performance-" + group + ".svg";
      String title = "bench " + group + ": throughput, more is better";
      write(folder.resolve(file), BarChart.of(title, runs));
      text = "![" + title + "](" + toFolder(name) + file + ")\n\n" + text;
    }
    write(page(), between(read(page()), group, text));
  }

  private Results kept() {
    Path file = folder.resolve("performance.json");
    return Files.exists(file) ? Results.parse(read(file)) : new Results(List.of());
  }

  private Path page() {
    return folder.resolve(name);
  }

  /** How a page in a folder below names the one above. */
  static String toFolder(String page) {
    return "../".repeat((int) page.chars().filter(c -> c == '/').count());
  }

  /** The page with other text between a group's markers. */
  static String between(String page, String group, String text) {
    String begin = "<!-- bench " + group + ": begin -->";
    String end = "<!-- bench " + group + ": end -->";
    int from = page.indexOf(begin);
    int to = page.indexOf(end, Math.max(from, 0));
    if (from < 0 || to < 0) {
      throw new BenchException(
          "the page lacks the lines '" + begin + "' and '" + end + "'",
          "add them where the results of 'bench " + group + "' are to stand");
    }
    return page.substring(0, from + begin.length())
        + "\n\n"
        + text.strip()
        + "\n\n"
        + page.substring(to);
  }

  /** For commands: checks the folder of {@code --write}, if one is given. */
  public static Optional<PerformancePage> in(Optional<Path> folder, String group) {
    return in(folder, "performance.md", group);
  }

  /** The same for another page of the folder. */
  public static Optional<PerformancePage> in(Optional<Path> folder, String name, String group) {
    Optional<PerformancePage> page = folder.map(found -> new PerformancePage(found, name));
    page.ifPresent(found -> found.check(group));
    return page;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new BenchException(
          "can't read " + file + ": " + e.getMessage(),
          "give --write the folder of the documentation, usually docs");
    }
  }

  private static void write(Path file, String text) {
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new BenchException(
          "can't write " + file + ": " + e.getMessage(), "make the folder writable");
    }
  }
}
