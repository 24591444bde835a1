package io.pgfleet.cli.command;

import io.pgfleet.cli.fleet.FleetChoice;
import io.pgfleet.spec.FleetSpec;
import io.pgfleet.spec.GroupSpec;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code pgfleet validate}. */
@Command(
    name = "validate",
    description = {
      "Checks a fleet.yaml without running it.",
      "",
      "Prints what it describes, or every problem with line, column and what to do."
    })
public final class ValidateCommand implements Callable<Integer> {
  @Parameters(
      arity = "0..1",
      paramLabel = "FILE",
      defaultValue = "fleet.yaml",
      description = "The file. Default: ${DEFAULT-VALUE}.")
  private Path file = Path.of("fleet.yaml");

  @Override
  public Integer call() {
    FleetSpec spec = FleetChoice.load(file);
    for (GroupSpec group : spec.groups()) {
      System.out.printf(
          "%s is valid: fleet %s, group %s of %d nodes, %d users, %d databases%n",
          file,
          spec.name().value(),
          group.name().value(),
          group.nodes().size(),
          spec.users().size(),
          spec.databases().size());
    }
    return 0;
  }
}
