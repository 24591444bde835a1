package io.pgfleet.cli.command;

import io.pgfleet.bench.BenchException;
import io.pgfleet.bench.failover.FailoverBenchmark;
import io.pgfleet.bench.failover.FailoverClusters;
import io.pgfleet.bench.failover.FailoverSettings;
import io.pgfleet.bench.failover.Scenario;
import io.pgfleet.cli.fleet.CommandFailure;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code pgfleet bench failover}. */
@Command(
    name = "failover",
    description = {
      "How long one client's writing stops when the primary is killed, lost with its host, frozen or"
          + " moved: a fleet beside Patroni with etcd and HAProxy, in turn.",
      "",
      "Hosts are network namespaces of this machine. Both sides have three hosts of data and the"
          + " same PostgreSQL. Needs root, and Debian's patroni, etcd-server, haproxy and"
          + " postgresql."
    },
    footer = {"", "Exit status: 1 if an acknowledged write was lost."})
final class BenchFailoverCommand implements Callable<Integer> {
  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "5",
      description = "How often each scenario but the planned move. Default: ${DEFAULT-VALUE}.")
  private int rounds;

  @Option(
      names = "--switchovers",
      paramLabel = "N",
      defaultValue = "50",
      description = "How often the planned move, under load. Default: ${DEFAULT-VALUE}.")
  private int switchovers;

  @Option(
      names = "--peers",
      split = ",",
      paramLabel = "NAME",
      defaultValue = "patroni,pgfleet",
      description = "Which clusters: patroni, pgfleet. Default: ${DEFAULT-VALUE}.")
  private List<String> peers = List.of();

  @Option(
      names = "--only",
      split = ",",
      paramLabel = "SCENARIO",
      description = "postmaster-killed, host-lost, host-frozen, switchover. Default: all.")
  private List<String> only = List.of();

  @Mixin private BenchOutput output = new BenchOutput();

  @Option(names = "--keep", description = "Leave the clusters' folders there, with their logs.")
  private boolean keep;

  @Override
  public Integer call() throws InterruptedException {
    return BenchCommand.measure(() -> {
      try {
        boolean kept =
            new FailoverBenchmark(
                    new FailoverBenchmark.Place(output.folder(), keep),
                    new FailoverSettings(
                        rounds,
                        switchovers,
                        scenarios(),
                        Duration.ofSeconds(3),
                        Duration.ofMinutes(2)),
                    output.page(FailoverBenchmark.GROUP))
                .run(FailoverClusters.named(peers), System.out::println);
        return kept ? 0 : CommandFailure.FAILED;
      } catch (IOException e) {
        throw new BenchException("a cluster can't be set up: " + e.getMessage(), "");
      }
    });
  }

  private List<Scenario> scenarios() {
    if (only.isEmpty()) {
      return List.of(Scenario.values());
    }
    return only.stream()
        .map(name ->
            Arrays.stream(Scenario.values())
                .filter(one -> one.id().equals(name))
                .findFirst()
                .orElseThrow(() ->
                    new BenchException(
                        "no scenario is called '" + name + "'",
                        "there are postmaster-killed, host-lost, host-frozen, switchover")))
        .toList();
  }
}
