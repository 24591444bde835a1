package io.pgfleet.parity.soak;

import java.time.Duration;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./pgfleet soak}. */
@Command(
    name = "pgfleet soak",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Clients that leave, cancel and are killed at any moment, against a gateway of its own.",
      "Fails if one of them sees what is another's, or if anything is left behind."
    })
public final class SoakCommand implements Callable<Integer> {
  @Option(names = "--minutes", paramLabel = "N", description = "how long (default: 10)")
  private double minutes = 10;

  @Option(names = "--clients", paramLabel = "N", description = "how many (default: 40)")
  private int clients = 40;

  @Option(names = "--seed", paramLabel = "N", description = "to have the same clients again")
  private long seed = new Random().nextInt(1_000_000);

  /** Runs the command. */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new SoakCommand()).execute(arguments));
  }

  @Override
  public Integer call() throws InterruptedException {
    System.out.println("seed " + seed);
    Duration time = Duration.ofMillis(Math.round(minutes * 60_000));
    Soak.Outcome outcome = new Soak(clients, time, seed).run();
    new TreeMap<>(outcome.counts())
        .forEach((what, count) -> System.out.printf("%10d %s%n", count, what));
    outcome.violations().forEach(violation -> System.out.println("VIOLATION: " + violation));
    System.out.println(outcome.violations().isEmpty() ? "passed" : "FAILED with seed " + seed);
    return outcome.violations().isEmpty() ? 0 : 1;
  }
}
