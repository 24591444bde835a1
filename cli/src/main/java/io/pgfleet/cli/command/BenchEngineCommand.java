package io.pgfleet.cli.command;

import io.pgfleet.bench.engine.EngineBenchmark;
import io.pgfleet.bench.engine.EngineSettings;
import io.pgfleet.bench.figures.PerformancePage;
import io.pgfleet.cli.up.GatewayAlone;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code pgfleet bench engine}. */
@Command(
    name = "engine",
    description = {
      "Compares I/O engines under the same small forwarder: plain NIO, Netty's epoll, and Netty's"
          + " io_uring; with one and two loops, with and without TLS.",
      "",
      "Beside them no forwarder, PgBouncer, and the gateway itself. The forwarders are not part of"
          + " the program; build them first: mvn -Dquick -DskipTests -pl bench-engine -am package"
    })
final class BenchEngineCommand implements Callable<Integer> {
  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "5",
      description = "How often each. Default: ${DEFAULT-VALUE}.")
  private int rounds;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      defaultValue = "3",
      description = "How long each. Default: ${DEFAULT-VALUE}.")
  private int seconds;

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
      description = "Server connections of each. Default: ${DEFAULT-VALUE}.")
  private int poolSize;

  @Option(
      names = "--folder",
      paramLabel = "FOLDER",
      defaultValue = "${sys:java.io.tmpdir}",
      description = "Where the fleet is made. Default: ${DEFAULT-VALUE}.")
  private Path folder = Path.of("");

  @Option(
      names = "--write",
      paramLabel = "FOLDER",
      description = "Keep the results in FOLDER/performance.json and the decision's page.")
  private @Nullable Path write;

  @Override
  public Integer call() throws InterruptedException {
    return BenchCommand.measure(() -> {
      Path library =
          BenchCommand.sources().resolve("bench-engine").resolve("target").resolve("lib");
      new EngineBenchmark(
              BenchCommand.launcher(),
              GatewayAlone::command,
              library,
              folder.toAbsolutePath(),
              new EngineSettings(
                  rounds, clients, threads, Duration.ofSeconds(seconds), 10, poolSize),
              PerformancePage.in(
                  Optional.ofNullable(write),
                  "decisions/2026-11-21-io-engine.md",
                  EngineBenchmark.GROUP))
          .run(System.out::println);
      return 0;
    });
  }
}
