package io.pgfleet.cli.command;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code pgfleet version}. */
@Command(name = "version", description = "Prints the versions of pgfleet and what it brings along.")
public final class VersionCommand implements Callable<Integer> {
  @Override
  public Integer call() throws Exception {
    for (String line : new Versions().getVersion()) {
      System.out.println(line);
    }
    return 0;
  }
}
