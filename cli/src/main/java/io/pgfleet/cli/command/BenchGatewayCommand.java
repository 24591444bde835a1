package io.pgfleet.cli.command;

import io.pgfleet.bench.gateway.GatewayBenchmark;
import io.pgfleet.bench.gateway.GatewaySettings;
import io.pgfleet.bench.peer.PeerKind;
import io.pgfleet.cli.up.GatewayAlone;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code pgfleet bench gateway}. */
@Command(
    name = "gateway",
    description = {
      "Compares the gateway with PgBouncer, HAProxy before PgBouncer, Pgpool-II, and no proxy.",
      "",
      "On a fleet of its own with one node. The gateway is measured as a process of its own, and"
          + " within 'up'. Needs pgbench; a peer that is not installed is left out (Debian:"
          + " apt-get install postgresql-contrib pgbouncer haproxy pgpool2)."
    })
final class BenchGatewayCommand implements Callable<Integer> {
  @Option(
      names = "--only",
      paramLabel = "LOAD",
      split = ",",
      description =
          "These loads: select-simple, -extended, -prepared; tpcb-simple, -extended, -prepared;"
              + " connect; tls-simple; large-result; copy-out, copy-in. The beginning of a name"
              + " takes all that begin so, and -16 at its end those with 16 clients. Default: all.")
  private List<String> only = List.of();

  @Option(
      names = "--peers",
      paramLabel = "PEER",
      split = ",",
      defaultValue = "direct,pgbouncer,haproxy,pgpool,gateway,up",
      description = "Who takes part. Default: ${DEFAULT-VALUE}.")
  private List<String> peers = List.of();

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
      names = "--warm-up",
      paramLabel = "SECONDS",
      defaultValue = "15",
      description = "How long each runs before its first round. Default: ${DEFAULT-VALUE}.")
  private int warmUp;

  @Option(
      names = "--clients",
      paramLabel = "N",
      split = ",",
      defaultValue = "16,200",
      description = "Clients of pgbench. Default: ${DEFAULT-VALUE}.")
  private List<Integer> clients = List.of();

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "2",
      description = "Threads of pgbench. Default: ${DEFAULT-VALUE}.")
  private int threads;

  @Option(
      names = "--pool-size",
      paramLabel = "N",
      defaultValue = "16",
      description = "Server connections of each peer that pools. Default: ${DEFAULT-VALUE}.")
  private int poolSize;

  @Option(
      names = "--scale",
      paramLabel = "N",
      defaultValue = "10",
      description = "Of pgbench's tables. Default: ${DEFAULT-VALUE}.")
  private int scale;

  @Mixin private BenchOutput output = new BenchOutput();

  @Override
  public Integer call() throws InterruptedException {
    return BenchCommand.measure(() -> {
      GatewaySettings settings =
          new GatewaySettings(
              rounds,
              clients,
              threads,
              Duration.ofSeconds(seconds),
              Duration.ofSeconds(warmUp),
              scale,
              poolSize,
              only,
              PeerKind.parse(peers));
      new GatewayBenchmark(
              BenchCommand.launcher(),
              GatewayAlone::command,
              output.folder(),
              settings,
              output.page(GatewayBenchmark.GROUP))
          .run(System.out::println);
      return 0;
    });
  }
}
