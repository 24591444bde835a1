package io.pgfleet.cli.command;

import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.cli.fleet.FleetChoice;
import io.pgfleet.cli.fleet.FleetRecord;
import io.pgfleet.cli.fleet.FleetRegistry;
import io.pgfleet.cli.fleet.Folders;
import io.pgfleet.postgres.Server;
import io.pgfleet.spec.FleetSpec;
import io.pgfleet.spec.NodeSpec;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code pgfleet logs}. */
@Command(name = "logs", description = "Prints the end of a server's log, or of pgfleet's own.")
public final class LogsCommand implements Callable<Integer> {
  private static final int CHUNK = 64 * 1024;
  private static final int WAIT_MILLIS = 200;

  @Mixin private FleetChoice choice = new FleetChoice();

  @Parameters(
      arity = "0..1",
      paramLabel = "NODE",
      description = "The node. Without one: pgfleet's own log.")
  private @Nullable String node;

  @Option(
      names = {"-n", "--lines"},
      paramLabel = "N",
      defaultValue = "50",
      description = "How many lines. Default: ${DEFAULT-VALUE}.")
  private int lines = 50;

  @Option(
      names = {"-f", "--follow"},
      description = "Go on printing what is added until Ctrl-C.")
  private boolean follow;

  @Override
  public Integer call() throws IOException, InterruptedException {
    FleetRecord record = choice.started(new FleetRegistry(Folders.ofUser()));
    Path file = node == null ? record.home().logFile() : serverLog(record, node);
    if (!Files.exists(file)) {
      throw new CommandFailure("there is no log yet: " + file, "start the fleet with 'pgfleet up'");
    }
    try (RandomAccessFile log = new RandomAccessFile(file.toFile(), "r")) {
      log.seek(tailStart(log));
      copy(log);
      while (follow) {
        Thread.sleep(WAIT_MILLIS);
        if (log.length() < log.getFilePointer()) {
          log.seek(0);
        }
        copy(log);
      }
    }
    return 0;
  }

  private static Path serverLog(FleetRecord record, String name) {
    FleetSpec spec = FleetChoice.spec(record);
    List<NodeSpec> nodes = spec.groups().stream().flatMap(group -> group.nodes().stream()).toList();
    Optional<NodeSpec> wanted =
        nodes.stream().filter(one -> one.name().value().equals(name)).findFirst();
    return wanted
        .map(one -> one.data().orElseGet(() -> record.home().nodeData(one.name())))
        .map(Server::logFileOf)
        .orElseThrow(() ->
            new CommandFailure(
                CommandFailure.USAGE,
                "there is no node " + name,
                "the nodes are "
                    + String.join(", ", nodes.stream().map(one -> one.name().value()).toList())));
  }

  /** Where the last lines begin. */
  private long tailStart(RandomAccessFile log) throws IOException {
    long end = log.length();
    byte[] chunk = new byte[CHUNK];
    int wanted = lines + 1;
    for (long at = end; at > 0; ) {
      int size = (int) Math.min(CHUNK, at);
      at -= size;
      log.seek(at);
      log.readFully(chunk, 0, size);
      for (int i = size - 1; i >= 0; i--) {
        if (chunk[i] == '\n' && --wanted == 0) {
          return at + i + 1;
        }
      }
    }
    return 0;
  }

  private static void copy(RandomAccessFile log) throws IOException {
    byte[] chunk = new byte[CHUNK];
    int size;
    while ((size = log.read(chunk)) > 0) {
      System.out.print(new String(chunk, 0, size, StandardCharsets.UTF_8));
    }
    System.out.flush();
  }
}
