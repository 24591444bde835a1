package io.pgfleet.bench.failover;

import io.pgfleet.bench.BenchException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** The folder of one measurement. */
final class Scratch {
  private Scratch() {}

  /** Deletes it with all that is in it. */
  static void delete(Path folder) {
    try (Stream<Path> paths = Files.walk(folder)) {
      List<Path> inner = paths.sorted(Comparator.reverseOrder()).toList();
      for (Path path : inner) {
        Files.deleteIfExists(path);
      }
    } catch (IOException | java.io.UncheckedIOException e) {
      throw new BenchException(
          "can't delete " + folder + ": " + e.getMessage(), "delete it by hand");
    }
  }
}
