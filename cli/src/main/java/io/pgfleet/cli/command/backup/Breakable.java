package io.pgfleet.cli.command.backup;

import io.pgfleet.backup.logical.LogicalWork;
import java.time.Duration;
import java.util.function.Function;

/** Work that Ctrl-C breaks off; the program waits until what was half done is taken back. */
final class Breakable {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private Breakable() {}

  static <T> T run(String title, Function<LogicalWork, T> body) {
    try (ProgressLine line = new ProgressLine(title)) {
      LogicalWork work = new LogicalWork(line::show);
      Thread stop = Thread.ofPlatform().unstarted(() -> work.stop(PATIENCE));
      Runtime.getRuntime().addShutdownHook(stop);
      try {
        return body.apply(work);
      } finally {
        try {
          Runtime.getRuntime().removeShutdownHook(stop);
        } catch (IllegalStateException e) {
          // The JVM is on its way down: that was it.
        }
      }
    }
  }
}
