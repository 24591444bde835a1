package io.pgfleet.bench.engine;

import io.pgfleet.bench.BenchException;
import io.pgfleet.bench.peer.Programs;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Counts the system calls of a process with {@code perf stat}, which slows it down far less than
 * tracing each.
 */
final class SystemCalls {
  private static final Pattern COUNT =
      Pattern.compile("^(\\d+),[^,]*,raw_syscalls:sys_enter", Pattern.MULTILINE);

  private final Path perf;

  SystemCalls(Path perf) {
    this.perf = perf;
  }

  /** How many a process makes in a while; nothing if perf is not permitted to count here. */
  OptionalLong of(long pid, Duration time) throws InterruptedException {
    try {
      return parse(
          Programs.run(
              List.of(
                  perf.toString(),
                  "stat",
                  "-x,",
                  "-e",
                  "raw_syscalls:sys_enter",
                  "-p",
                  "" + pid,
                  "--",
                  "sleep",
                  "" + time.toSeconds()),
              Map.of("LC_ALL", "C")));
    } catch (BenchException notPermitted) {
      return OptionalLong.empty();
    }
  }

  /** From a line such as {@code 12345,,raw_syscalls:sys_enter,...}. */
  static OptionalLong parse(String output) {
    Matcher matcher = COUNT.matcher(output);
    return matcher.find()
        ? OptionalLong.of(Long.parseLong(matcher.group(1)))
        : OptionalLong.empty();
  }
}
