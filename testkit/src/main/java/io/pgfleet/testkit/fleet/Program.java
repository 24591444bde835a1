package io.pgfleet.testkit.fleet;

import io.pgfleet.testkit.host.VirtualHost;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** The program pgfleet, as processes of their own on a host, from this process's own class path. */
public final class Program {
  private static final String MAIN = "io.pgfleet.cli.Main";
  private static final Duration LIMIT = Duration.ofSeconds(90);

  /** The commands that the launcher lets the JVM compile with all its might. */
  private static final Set<String> BUSY = Set.of("up", "gateway", "bench", "sql");

  private final List<String> flags;
  private final Map<String, String> environment;

  /**
   * The program.
   *
   * @param flags what its JVMs are told before the class path
   * @param environment what all its processes get besides this process's own
   */
  public Program(List<String> flags, Map<String, String> environment) {
    this.flags = List.copyOf(flags);
    this.environment = Map.copyOf(environment);
  }

  /** Flags that make its processes small: quick to start, with little memory each. */
  public static List<String> smallFlags() {
    return List.of(
        "-XX:+UseSerialGC",
        "-Xms32m",
        "-Xmx384m",
        "-XX:-UsePerfData",
        "-XX:TieredStopAtLevel=1",
        "--enable-native-access=ALL-UNNAMED",
        "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED",
        "-Dfile.encoding=UTF-8",
        "-Dstdout.encoding=UTF-8",
        "-Dstderr.encoding=UTF-8");
  }

  /** The flags of this process's own JVM: what a user's command runs with. */
  public static List<String> ownFlags() {
    return ManagementFactory.getRuntimeMXBean().getInputArguments();
  }

  /** How a command went, and all that it printed. */
  public record Result(int status, String output) {
    /** Whether it ended with 0. */
    public boolean succeeded() {
      return status == 0;
    }
  }

  /**
   * Starts a command that goes on.
   *
   * @param home its PGFLEET_HOME
   * @param output what it prints is added there
   */
  public Process start(VirtualHost host, Path home, Path output, List<String> arguments)
      throws IOException {
    ProcessBuilder builder = new ProcessBuilder(host.command(command(arguments)));
    builder.environment().remove("PGFLEET_FLEET");
    builder.environment().putAll(environment);
    builder.environment().put("PGFLEET_HOME", home.toString());
    return builder
        .directory(home.toFile())
        .redirectInput(Path.of("/dev/null").toFile())
        .redirectErrorStream(true)
        .redirectOutput(Redirect.appendTo(output.toFile()))
        .start();
  }

  /** Runs a command to its end. */
  public Result run(VirtualHost host, Path home, List<String> arguments)
      throws IOException, InterruptedException {
    Path output = Files.createTempFile(home, "command", ".out");
    Process process = start(host, home, output, arguments);
    if (!process.waitFor(LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
      process.destroyForcibly();
      process.waitFor();
    }
    String text = Files.readString(output).strip();
    Files.delete(output);
    return new Result(process.exitValue(), text);
  }

  private List<String> command(List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(flags);
    if (!BUSY.contains(arguments.getFirst())) {
      command.add("-XX:TieredStopAtLevel=1");
    }
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), MAIN));
    command.addAll(arguments);
    return command;
  }
}
