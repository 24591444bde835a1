package io.pgfleet.cli.command;

import io.pgfleet.bench.reads.ReadsBenchmark;
import io.pgfleet.bench.reads.ReadsSettings;
import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.cli.up.GatewayAlone;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code pgfleet bench reads}. */
@Command(
    name = "reads",
    description = {
      "A read-only mix over a primary and two standbys through the gateway: how much of it runs on"
          + " the primary, and what that does to throughput.",
      "",
      "On a fleet of its own with three nodes. Needs pgbench."
    },
    footer = {"", "Exit status: 1 if a tenth or more of the statements ran on the primary."})
final class BenchReadsCommand implements Callable<Integer> {
  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "5",
      description = "How often each. Default: ${DEFAULT-VALUE}.")
  private int rounds;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      defaultValue = "4",
      description = "How long each. Default: ${DEFAULT-VALUE}.")
  private int seconds;

  @Option(
      names = "--clients",
      paramLabel = "N",
      defaultValue = "16",
      description = "Clients of pgbench. Default: ${DEFAULT-VALUE}.")
  private int clients;

  @Option(
      names = "--pool-size",
      paramLabel = "N",
      defaultValue = "16",
      description = "Server connections of each pool. Default: ${DEFAULT-VALUE}.")
  private int poolSize;

  @Mixin private BenchOutput output = new BenchOutput();

  @Override
  public Integer call() throws InterruptedException {
    return BenchCommand.measure(() -> {
      boolean kept =
          new ReadsBenchmark(
                  BenchCommand.launcher(),
                  GatewayAlone::command,
                  output.folder(),
                  new ReadsSettings(rounds, clients, Duration.ofSeconds(seconds), 10, poolSize),
                  output.page(ReadsBenchmark.GROUP))
              .run(System.out::println);
      if (!kept) {
        System.out.println("NOT KEPT  a tenth or more of the statements ran on the primary");
      }
      return kept ? 0 : CommandFailure.FAILED;
    });
  }
}
