package io.pgfleet.cli.command;

import io.pgfleet.bench.clients.ClientsBenchmark;
import io.pgfleet.bench.clients.ClientsSettings;
import io.pgfleet.bench.peer.PeerKind;
import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.cli.up.GatewayAlone;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code pgfleet bench clients}. */
@Command(
    name = "clients",
    description = {
      "10,000 clients on one gateway: opened, idle, and some of them active; and a storm of"
          + " clients while the server is away.",
      "",
      "On fleets of its own. The gateway is a process of its own here, so that its memory is its"
          + " alone; PgBouncer takes part if it is installed."
    },
    footer = {
      "",
      "Exit status: 1 if a client of the gateway is not served, or it needs 300 MB or more."
    })
final class BenchClientsCommand implements Callable<Integer> {
  @Option(
      names = "--peers",
      paramLabel = "PEER",
      split = ",",
      defaultValue = "pgbouncer,gateway",
      description = "Who takes part. Default: ${DEFAULT-VALUE}.")
  private List<String> peers = List.of();

  @Option(
      names = "--clients",
      paramLabel = "N",
      defaultValue = "10000",
      description = "How many. Default: ${DEFAULT-VALUE}.")
  private int clients;

  @Option(
      names = "--per-second",
      paramLabel = "N",
      defaultValue = "1000",
      description = "How many are opened in a second. Default: ${DEFAULT-VALUE}.")
  private int perSecond;

  @Option(
      names = "--active",
      paramLabel = "N",
      defaultValue = "500",
      description =
          "Statements under way at any moment of the active part; all clients take turns. Default:"
              + " ${DEFAULT-VALUE}.")
  private int active;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      defaultValue = "10",
      description = "How long the active part takes. Default: ${DEFAULT-VALUE}.")
  private int seconds;

  @Option(
      names = "--storm",
      paramLabel = "N",
      defaultValue = "5000",
      description =
          "Clients at once while the server is away; 0 for none. Default: ${DEFAULT-VALUE}.")
  private int storm;

  @Option(
      names = "--pool-size",
      paramLabel = "N",
      defaultValue = "16",
      description = "Server connections of each peer. Default: ${DEFAULT-VALUE}.")
  private int poolSize;

  @Mixin private BenchOutput output = new BenchOutput();

  @Override
  public Integer call() throws InterruptedException {
    return BenchCommand.measure(() -> {
      ClientsSettings settings =
          new ClientsSettings(
              clients,
              perSecond,
              active,
              Duration.ofSeconds(seconds),
              storm,
              poolSize,
              PeerKind.parse(peers));
      List<String> broken =
          new ClientsBenchmark(
                  BenchCommand.launcher(),
                  GatewayAlone::command,
                  output.folder(),
                  settings,
                  output.page(ClientsBenchmark.GROUP))
              .run(System.out::println);
      broken.forEach(line -> System.out.println("NOT KEPT  " + line));
      return broken.isEmpty() ? 0 : CommandFailure.FAILED;
    });
  }
}
