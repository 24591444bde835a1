package io.pgfleet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.testkit.TestFolder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Programs in processes of their own, as a user runs them: pgfleet from the classes of this build,
 * and others.
 *
 * @param folder for what they print
 * @param home where pgfleet keeps its fleets
 * @param prefix what begins every command, such as what enters another host; often empty
 */
public record Programs(TestFolder folder, Path home, List<String> prefix) {
  private static final long LIMIT_SECONDS = 180;

  /** Copies the list. */
  public Programs {
    prefix = List.copyOf(prefix);
  }

  /** What a command said and how it ended. */
  public record Ended(int status, String out, String err) {
    /** Fails unless it ended with this status. */
    public Ended expect(int wanted) {
      assertThat(status).as("status of a command that said\n%s\n%s", out, err).isEqualTo(wanted);
      return this;
    }

    /** All that it said. */
    public String text() {
      return out + err;
    }
  }

  /** The command that calls pgfleet. */
  public static List<String> pgfleet(String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                "io.pgfleet.cli.Main"));
    command.addAll(List.of(arguments));
    return command;
  }

  /** A process to be started, with the fleets of this home and nothing to read. */
  private ProcessBuilder builder(List<String> command) {
    List<String> whole = new ArrayList<>(prefix);
    whole.addAll(command);
    ProcessBuilder builder =
        new ProcessBuilder(whole)
            .directory(home.toFile())
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
    builder.environment().put("PGFLEET_HOME", home.toString());
    builder.environment().remove("PGFLEET_FLEET");
    return builder;
  }

  /** Starts a command that does not end by itself; all it says goes to the file. */
  public Process start(Path out, List<String> command) throws IOException {
    return builder(command).redirectErrorStream(true).redirectOutput(out.toFile()).start();
  }

  /** Runs a command to its end. */
  public Ended run(List<String> command) throws IOException, InterruptedException {
    Path out = Files.createTempFile(folder.path(), "out", "");
    Path err = Files.createTempFile(folder.path(), "err", "");
    Process process =
        builder(command).redirectOutput(out.toFile()).redirectError(err.toFile()).start();
    if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError(
          "no end of " + command + ": " + Files.readString(out) + Files.readString(err));
    }
    return new Ended(
        process.exitValue(),
        Files.readString(out, StandardCharsets.UTF_8),
        Files.readString(err, StandardCharsets.UTF_8));
  }
}
