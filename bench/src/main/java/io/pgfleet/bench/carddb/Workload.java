package io.pgfleet.bench.carddb;

import io.pgfleet.bench.BenchException;
import io.pgfleet.bench.Target;
import io.pgfleet.bench.carddb.Client.Shared;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.HdrHistogram.Histogram;

/**
 * Collectors at work: they search, look at collections, add to them and trade, through connections
 * that they keep. Every write carries an id that is stored with it; at the end each acknowledged
 * one must be there, and the totals must be what they were.
 */
public final class Workload {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final double MILLIS = 1000.0;

  /** A gap worth a word in the line of its second. */
  private static final Duration SILENCE = Duration.ofMillis(300);

  private final Target target;
  private final WorkloadSettings settings;
  private final LongSupplier nanos;

  public Workload(Target target, WorkloadSettings settings) {
    this(target, settings, System::nanoTime);
  }

  Workload(Target target, WorkloadSettings settings, LongSupplier nanos) {
    this.target = target;
    this.settings = settings;
    this.nanos = nanos;
  }

  /**
   * Runs to the end and checks.
   *
   * @param said takes a line a second, and a table
   * @throws BenchException if it can't begin, or can't check
   */
  public Verdict run(Consumer<String> said) throws InterruptedException {
    long run = new SplittableRandom().nextLong();
    Holdings holdings;
    Books before;
    try (Connection connection = target.connect()) {
      holdings = Holdings.read(connection);
      before = Books.read(connection);
    } catch (SQLException e) {
      throw new BenchException(
          "can't begin at " + target + ": " + e.getMessage(),
          "see that the fleet runs: 'pgfleet status'");
    }
    long start = nanos.getAsLong();
    Shared shared =
        new Shared(new Latencies(), new Tally(), new AckGap(start), new AtomicBoolean(), nanos);
    List<Client> clients = connect(run, holdings, shared);
    List<Thread> threads = new ArrayList<>();
    for (Client client : clients) {
      threads.add(Thread.ofPlatform().daemon().name("client-" + threads.size()).start(client));
    }
    try {
      watch(shared, said);
    } finally {
      shared.stop().set(true);
    }
    for (Thread thread : threads) {
      thread.join();
    }
    long end = nanos.getAsLong();
    shared.gap().acknowledged(end);
    shared.latencies().interval();
    shared.latencies().table().forEach(said);
    return Audit.judge(
        clients,
        before,
        new Audit(target, nanos).read(run, clients.size()),
        shared.tally(),
        shared.gap(),
        end);
  }

  private List<Client> connect(long run, Holdings holdings, Shared shared) {
    SplittableRandom random = new SplittableRandom(settings.seed());
    List<Client> clients = new ArrayList<>();
    try {
      for (int i = 0; i < settings.clients(); i++) {
        Choices choices = new Choices(run, i, holdings, random.split());
        clients.add(new Client(target, i % 2 == 1, choices, pace(i), shared));
      }
    } catch (SQLException e) {
      throw new BenchException(
          "client "
              + (clients.size() + 1)
              + " of "
              + settings.clients()
              + " can't connect: "
              + e.getMessage(),
          "take fewer --clients, or allow more with gateway.max_client_conn in fleet.yaml");
    }
    return clients;
  }

  private Pace pace(int client) {
    if (settings.rate().isEmpty()) {
      return Pace.unlimited(nanos);
    }
    Duration between = SECOND.dividedBy(settings.rate().getAsInt());
    return Pace.every(
        between.multipliedBy(settings.clients()), between.multipliedBy(client), nanos);
  }

  private void watch(Shared shared, Consumer<String> said) throws InterruptedException {
    long start = nanos.getAsLong();
    long errors = 0;
    long retries = 0;
    for (int second = 1; second <= settings.duration().toSeconds(); second++) {
      long wait = start + SECOND.multipliedBy(second).toNanos() - nanos.getAsLong();
      Thread.sleep(Duration.ofNanos(Math.max(0, wait)));
      long errorsNow = shared.tally().errors();
      long retriesNow = shared.tally().retries();
      said.accept(
          line(
              second,
              shared.latencies().interval(),
              errorsNow - errors,
              retriesNow - retries,
              shared.gap().current(nanos.getAsLong())));
      errors = errorsNow;
      retries = retriesNow;
    }
  }

  static String line(int second, Histogram done, long errors, long retries, Duration silence) {
    String line =
        String.format(
            Locale.ROOT,
            "%4d s %7d tps  p50 %7.2f ms  p99 %8.2f ms  errors %d  retries %d",
            second,
            done.getTotalCount(),
            Latencies.millis(done, 50),
            Latencies.millis(done, 99),
            errors,
            retries);
    return silence.compareTo(SILENCE) < 0
        ? line
        : line
            + String.format(
                Locale.ROOT, "  (no write acknowledged for %.1f s)", silence.toMillis() / MILLIS);
  }
}
