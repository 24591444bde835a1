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
      try (AtShutdown _ = new AtShutdown(() -> work.stop(PATIENCE))) {
        return body.apply(work);
      }
    }
  }
}
