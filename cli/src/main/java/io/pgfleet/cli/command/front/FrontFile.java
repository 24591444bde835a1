package io.pgfleet.cli.command.front;

import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.cli.fleet.FleetChoice;
import io.pgfleet.deploy.WrittenFile;
import io.pgfleet.spec.FleetSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which fleet.yaml a configuration is made from, and where it goes. */
final class FrontFile {
  @Parameters(
      arity = "0..1",
      paramLabel = "FILE",
      description = "The fleet.yaml. Default: $PGFLEET_FLEET or ./fleet.yaml.")
  private @Nullable Path file;

  @Option(
      names = {"-o", "--out"},
      paramLabel = "FILE",
      description = "Write it to this file. Default: standard output.")
  private @Nullable Path out;

  @Option(names = "--force", description = "Replace the file even if it was edited.")
  private boolean force;

  private Path source() {
    return Optional.ofNullable(file)
        .or(() ->
            Optional.ofNullable(System.getenv("PGFLEET_FLEET"))
                .map(Path::of)
                .filter(Files::isRegularFile))
        .orElse(Path.of("fleet.yaml"))
        .toAbsolutePath()
        .normalize();
  }

  /** What the file says. */
  FleetSpec spec() {
    if (!Files.isRegularFile(source())) {
      throw new CommandFailure(
          CommandFailure.USAGE,
          "there is no file " + source(),
          "name the fleet.yaml, as in: pgfleet deploy haproxy /etc/pgfleet/fleet.yaml");
    }
    return FleetChoice.load(source());
  }

  /**
   * Prints or writes the configuration.
   *
   * @param program the command's own name
   * @param next what to do with the written file
   */
  void put(String program, String body, String next) throws IOException {
    WrittenFile written = new WrittenFile(program, source(), body);
    if (out == null) {
      System.out.print(written.text());
      return;
    }
    System.out.println(
        switch (written.write(out, force)) {
          case WRITTEN -> "wrote " + out + "; " + next;
          case REPLACED -> "wrote " + out + " anew; " + next;
          case FORCED -> "replaced " + out + ", which had been edited; " + next;
          case UNCHANGED -> out + " is as it should be";
        });
  }
}
