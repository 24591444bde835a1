package io.pgfleet.cli.command;

import io.pgfleet.bench.BenchException;
import io.pgfleet.bench.failover.FailoverBenchmark;
import io.pgfleet.bench.failover.FailoverClusters;
import io.pgfleet.bench.failover.FailoverSettings;
import io.pgfleet.bench.failover.Scenario;
import io.pgfleet.bench.figures.PerformancePage;
import io.pgfleet.cli.fleet.CommandFailure;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code pgfleet bench failover}. */
@Command(
    name = "failover",
    description = {
      "How long one client's writing stops when the primary is killed, lost with its host, frozen or"
          + " moved: a fleet beside Patroni with etcd and HAProxy, in turn.",
      "",
      "Patroni's hosts are network namespaces of this machine. The fleet is that of 'up', in one"
          + " process, so only a killed postmaster and a planned move can be compared so far. Needs"
          + " root, and Debian's patroni, etcd-server, haproxy and postgresql."
    },
    footer = {"", "Exit status: 1 if an acknowledged write was lost."})
final class BenchFailoverCommand implements Callable<Integer> {
  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "5",
      description = "How often each scenario. Default: ${DEFAULT-VALUE}.")
  private int rounds;

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

  @Option(
      names = "--folder",
      paramLabel = "FOLDER",
      defaultValue = "${sys:java.io.tmpdir}",
      description = "Where the clusters are made. Default: ${DEFAULT-VALUE}.")
  private Path folder = Path.of("");

  @Option(
      names = "--write",
      paramLabel = "FOLDER",
      description = "Keep the results in FOLDER/performance.json and FOLDER/performance.md.")
  private @Nullable Path write;

  @Override
  public Integer call() throws InterruptedException {
    return BenchCommand.measure(() -> {
      try {
        boolean kept =
            new FailoverBenchmark(
                    folder.toAbsolutePath(),
                    new FailoverSettings(
                        rounds, scenarios(), Duration.ofSeconds(3), Duration.ofMinutes(2)),
                    PerformancePage.in(Optional.ofNullable(write), FailoverBenchmark.GROUP))
                .run(FailoverClusters.named(peers, BenchCommand.launcher()), System.out::println);
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
