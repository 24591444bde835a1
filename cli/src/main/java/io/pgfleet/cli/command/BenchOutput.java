package io.pgfleet.cli.command;

import io.pgfleet.bench.figures.PerformancePage;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where a benchmark works and where its results are kept: options of all that keep results. */
final class BenchOutput {
  @Option(
      names = "--folder",
      paramLabel = "FOLDER",
      defaultValue = "${sys:java.io.tmpdir}",
      description = "Where fleets and servers are made. Default: ${DEFAULT-VALUE}.")
  private Path folder = Path.of("");

  @Option(
      names = "--write",
      paramLabel = "FOLDER",
      description =
          "Keep the results in FOLDER/performance.json, and write FOLDER/performance.md and its"
              + " charts anew.")
  private @Nullable Path write;

  /** The folder to work in. */
  Path folder() {
    return folder.toAbsolutePath();
  }

  /** The page for the results of a group of measurements, if they are to be kept. */
  Optional<PerformancePage> page(String group) {
    return PerformancePage.in(Optional.ofNullable(write), group);
  }
}
