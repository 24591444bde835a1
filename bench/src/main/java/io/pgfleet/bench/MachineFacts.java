package io.pgfleet.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** What one must know of a machine to read a figure that was measured on it. */
public final class MachineFacts {
  private static final double KIB_PER_GIB = 1024.0 * 1024;

  private MachineFacts() {}

  /**
   * The facts, a line each.
   *
   * @param folder where the servers keep their data
   */
  public static List<String> lines(Path folder) {
    return List.of(
        "CPU: "
            + Runtime.getRuntime().availableProcessors()
            + " cores, "
            + field("/proc/cpuinfo", "model name").orElse(System.getProperty("os.arch")),
        "memory: " + field("/proc/meminfo", "MemTotal").map(MachineFacts::size).orElse("unknown"),
        "disk: " + fileSystem(folder) + " at " + folder,
        "load before: " + load(),
        "system: "
            + System.getProperty("os.name")
            + " "
            + System.getProperty("os.version")
            + ", Java "
            + Runtime.version());
  }

  private static Optional<String> field(String file, String name) {
    try (Stream<String> lines = Files.lines(Path.of(file))) {
      return lines
          .filter(line -> line.startsWith(name))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** From the form of /proc/meminfo: {@code 16384000 kB}. */
  static String size(String kib) {
    long number = Long.parseLong(kib.replaceAll("\\D", ""));
    return String.format(Locale.ROOT, "%.1f GiB", number / KIB_PER_GIB);
  }

  private static String fileSystem(Path folder) {
    try {
      return Files.getFileStore(folder).type();
    } catch (IOException e) {
      return "unknown file system";
    }
  }

  private static String load() {
    double load =
        java.lang.management.ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    return load < 0 ? "unknown" : String.format(Locale.ROOT, "%.2f in the last minute", load);
  }
}
