package io.pgfleet.bench.peer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * What a process has used, where the system has a {@code /proc} as Linux (proc(5)).
 *
 * @param withChildren whether its children belong to it, as with servers of a process a client
 */
public record ProcessUse(long pid, boolean withChildren) {
  /** Kernels for applications all count in hundredths of a second (sysconf _SC_CLK_TCK). */
  private static final long TICK_MILLIS = 10;

  private static final int USER = 11;
  private static final int CHILDREN_USER = 13;
  private static final int CHILDREN_SYSTEM = 14;
  private static final long BYTES_PER_KIB = 1024;

  /** Processor time, user and system together; children that have ended are in their parent's. */
  public Optional<Duration> processor() {
    Optional<Duration> own = processor(pid);
    return withChildren
        ? own.map(time ->
            descendants().flatMap(child -> processor(child).stream()).reduce(time, Duration::plus))
        : own;
  }

  private Optional<Duration> processor(long process) {
    return read(process, "stat").map(stat -> parse(stat, withChildren));
  }

  private Stream<Long> descendants() {
    return ProcessHandle.of(pid).stream()
        .flatMap(ProcessHandle::descendants)
        .map(ProcessHandle::pid);
  }

  /**
   * Processor time of all children of this program that have ended, with their own that had ended
   * before them. What it grows by while one child runs is what that one took, to its very end.
   */
  public static Duration ofEndedChildren() {
    return ofEndedChildren(ProcessHandle.current().pid());
  }

  /** The same of another process; nothing once it has ended. */
  public static Duration ofEndedChildren(long process) {
    return read(process, "stat").map(ProcessUse::parseEndedChildren).orElse(Duration.ZERO);
  }

  static Duration parseEndedChildren(String stat) {
    return parse(stat, true).minus(parse(stat, false));
  }

  /** From the line in {@code /proc/PID/stat}; the name in parentheses may hold anything. */
  static Duration parse(String stat, boolean endedChildren) {
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    long ticks = 0;
    for (int i = USER; i <= (endedChildren ? CHILDREN_SYSTEM : CHILDREN_USER - 1); i++) {
      ticks += Long.parseLong(fields[i]);
    }
    return Duration.ofMillis(ticks * TICK_MILLIS);
  }

  /**
   * Resident memory in bytes. A page that several processes of a family share counts once, in parts
   * (Pss); one process alone counts all its pages (Rss), shared libraries too.
   */
  public OptionalLong memory() {
    List<Long> family = family();
    String field = family.size() == 1 ? "Rss:" : "Pss:";
    long sum = 0;
    for (long process : family) {
      OptionalLong part =
          read(process, "smaps_rollup").map(text -> size(text, field)).orElse(OptionalLong.empty());
      sum += part.orElse(0);
    }
    return sum == 0 ? OptionalLong.empty() : OptionalLong.of(sum);
  }

  /**
   * The most memory at once as far as it can be told now, in bytes: of a process alone the system
   * keeps it (VmHWM); of several it is what they have together at this moment, so that a peak is
   * only seen by who looks often.
   */
  public OptionalLong peak() {
    return family().size() == 1
        ? read(pid, "status").map(text -> size(text, "VmHWM:")).orElse(OptionalLong.empty())
        : memory();
  }

  private List<Long> family() {
    return withChildren ? Stream.concat(Stream.of(pid), descendants()).toList() : List.of(pid);
  }

  /** From a file of lines such as {@code Rss: 5120 kB}; in bytes. */
  static OptionalLong size(String text, String field) {
    return text.lines()
        .filter(line -> line.startsWith(field))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * BYTES_PER_KIB)
        .findFirst();
  }

  private static Optional<String> read(long process, String file) {
    try {
      return Optional.of(Files.readString(Path.of("/proc", Long.toString(process), file)));
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
