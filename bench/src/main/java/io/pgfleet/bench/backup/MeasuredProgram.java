package io.pgfleet.bench.backup;

import io.pgfleet.bench.BenchException;
import io.pgfleet.bench.peer.ProcessUse;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A program that is run to its end while it is watched: its time, the processor time of it and all
 * its children, and its memory. A line of its output such as {@code mark files} is a moment whose
 * cost so far is kept by that name.
 *
 * @param words the command
 * @param environment what it gets besides this program's own
 * @param folder in which it runs
 * @param family whether its children work for it, so that their memory and their processor time at
 *     a mark are its own; a server that it leaves behind is not such a child
 */
record MeasuredProgram(
    List<String> words, Map<String, String> environment, Path folder, boolean family) {
  /** What a line that marks a moment begins with. */
  static final String MARK = "mark ";

  private static final long LOOK_MILLIS = 20;
  private static final int LINES_TOLD = 5;

  MeasuredProgram {
    words = List.copyOf(words);
    environment = Map.copyOf(environment);
  }

  /**
   * What it took.
   *
   * @param marks by name, each up to its moment
   */
  record Outcome(Cost whole, Map<String, Cost> marks) {
    Outcome {
      marks = Map.copyOf(marks);
    }

    /** The cost up to a moment that the program must have marked. */
    Cost at(String name) {
      Cost cost = marks.get(name);
      if (cost == null) {
        throw new IllegalStateException("the program did not mark " + name);
      }
      return cost;
    }
  }

  /**
   * Runs it. No other child of this program may end meanwhile, or its processor time would count.
   *
   * @throws BenchException if it fails, with the end of what it said
   */
  Outcome run() throws InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(words).directory(folder.toFile()).redirectErrorStream(true);
    builder.environment().keySet().removeIf(MeasuredProgram::leadsAstray);
    builder.environment().putAll(environment);
    Duration before = ProcessUse.ofEndedChildren();
    long began = System.nanoTime();
    try {
      Process process = builder.start();
      process.getOutputStream().close();
      return watch(process, before, began);
    } catch (IOException e) {
      throw new BenchException(
          "can't run " + words.getFirst() + ": " + e.getMessage(), "install it anew");
    }
  }

  /** Settings of the user who measures are not to reach what is measured. */
  private static boolean leadsAstray(String variable) {
    return variable.startsWith("PG") || variable.equals("JAVA_TOOL_OPTIONS");
  }

  private Outcome watch(Process process, Duration before, long began)
      throws IOException, InterruptedException {
    ProcessUse use = new ProcessUse(process.pid(), family);
    AtomicLong peak = new AtomicLong();
    Thread watching =
        Thread.ofPlatform()
            .daemon()
            .name("memory-of-" + process.pid())
            .start(() -> watchMemory(use, peak));
    Map<String, Cost> marks = new HashMap<>();
    Deque<String> last = new ArrayDeque<>();
    try (BufferedReader reader = process.inputReader()) {
      String line = reader.readLine();
      while (line != null) {
        if (line.startsWith(MARK)) {
          Duration processor = use.processor().orElse(Duration.ZERO);
          marks.put(
              line.substring(MARK.length()).strip(),
              new Cost(since(began), processor, noted(use, peak)));
        } else if (!line.isBlank()) {
          last.addLast(line.strip());
          if (last.size() > LINES_TOLD) {
            last.removeFirst();
          }
        }
        line = reader.readLine();
      }
      int status = process.waitFor();
      Cost whole = new Cost(since(began), ProcessUse.ofEndedChildren().minus(before), peak.get());
      if (status != 0) {
        throw new BenchException(
            words.getFirst() + " ended with status " + status + ": " + String.join(" / ", last),
            "--keep leaves all files there");
      }
      return new Outcome(whole, marks);
    } finally {
      process.descendants().forEach(ProcessHandle::destroy);
      process.destroyForcibly();
      watching.interrupt();
      watching.join();
    }
  }

  private static Duration since(long began) {
    return Duration.ofNanos(System.nanoTime() - began);
  }

  private static long noted(ProcessUse use, AtomicLong peak) {
    return peak.accumulateAndGet(use.peak().orElse(0), Math::max);
  }

  private static void watchMemory(ProcessUse use, AtomicLong peak) {
    try {
      while (true) {
        noted(use, peak);
        Thread.sleep(LOOK_MILLIS);
      }
    } catch (InterruptedException e) {
      // the program has ended
    }
  }
}
