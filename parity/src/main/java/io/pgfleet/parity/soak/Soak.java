package io.pgfleet.parity.soak;

import io.pgfleet.gateway.Gateway;
import io.pgfleet.gateway.GatewayStatus;
import io.pgfleet.gateway.PoolMode;
import io.pgfleet.parity.GatewayServer;
import io.pgfleet.testkit.TestInstallations;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** The whole of it: a server, a gateway with few server connections, many clients, and a killer. */
public final class Soak {
  static final String USER = "soak";
  private static final int POOL = 6;

  /** A look may count a server twice that moves between loops meanwhile; not each of these. */
  private static final int LOOKS = 20;

  private static final int LOOPS = 2;
  private static final Duration BETWEEN_KILLS = Duration.ofMillis(700);
  private static final Duration SETTLING = Duration.ofSeconds(20);
  private static final long HEAP_MARGIN = 48L << 20;

  private final int clients;
  private final Duration time;
  private final long seed;
  private final Findings findings = new Findings();

  /**
   * @param seed decides what each client does in which order; when it does it, the machine decides
   */
  public Soak(int clients, Duration time, long seed) {
    this.clients = clients;
    this.time = time;
    this.seed = seed;
  }

  /**
   * What was seen.
   *
   * @param counts of what was done and of what came of it
   * @param violations of what must hold; at most the first fifty
   */
  public record Outcome(long seed, Map<String, Long> counts, List<String> violations) {
    public Outcome {
      counts = Map.copyOf(counts);
      violations = List.copyOf(violations);
    }
  }

  /** Runs it. */
  public Outcome run() throws InterruptedException {
    try (GatewayServer server =
        GatewayServer.start(
            TestInstallations.embedded(), Map.of("fsync", "off", "max_connections", "60"))) {
      server.addUser(USER, "");
      database(
          server, "CREATE TABLE soaked (client int, text text); GRANT ALL ON soaked TO " + USER);
      try (Gateway gateway =
          server.gateway(
              settings -> settings.withPoolMode(PoolMode.TRANSACTION).withPoolSize(POOL, LOOPS))) {
        List<SoakClient> all = work(server, gateway);
        settle(server, gateway);
        fill(gateway);
        settle(server, gateway);
        count(server, all);
      }
    }
    return new Outcome(seed, findings.counts(), findings.violations());
  }

  private List<SoakClient> work(GatewayServer server, Gateway gateway) throws InterruptedException {
    List<SoakClient> all = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < clients; i++) {
      SoakClient client = new SoakClient(i, gateway.address(), findings, seed);
      all.add(client);
      threads.add(Thread.ofVirtual().name("soak-" + i).start(client));
    }
    Random random = new Random(seed);
    long began = System.nanoTime();
    long heapEarly = 0;
    while (System.nanoTime() - began < time.toNanos()) {
      Thread.sleep(BETWEEN_KILLS.toMillis() / 2 + random.nextLong(BETWEEN_KILLS.toMillis()));
      kill(server);
      check(gateway);
      if (heapEarly == 0 && System.nanoTime() - began > time.toNanos() / 3) {
        heapEarly = heap();
      }
    }
    long heapLate = heap();
    if (heapLate - heapEarly > HEAP_MARGIN) {
      findings.violation(
          "memory grew from %d to %d MiB".formatted(heapEarly >> 20, heapLate >> 20));
    }
    all.forEach(SoakClient::stop);
    for (Thread thread : threads) {
      if (!thread.join(Duration.ofSeconds(90))) {
        findings.violation(thread.getName() + " hangs");
        thread.interrupt();
      }
    }
    return all;
  }

  private static long heap() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  private void kill(GatewayServer server) {
    String killed =
        server
            .postgres()
            .sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '"
                    + USER
                    + "' ORDER BY random() LIMIT 1");
    if (killed.equals("t")) {
      findings.count("server connections killed");
    }
  }

  private void check(Gateway gateway) throws InterruptedException {
    int servers = servers(gateway);
    for (int look = 1; look < LOOKS && servers > POOL; look++) {
      Thread.sleep(10);
      servers = servers(gateway);
    }
    if (servers > POOL) {
      findings.violation(servers + " server connections in a pool of " + POOL);
    }
  }

  private static int servers(Gateway gateway) {
    return gateway.status().pools().stream()
        .filter(pool -> pool.user().equals(USER))
        .mapToInt(pool -> pool.active() + pool.idle() + pool.connecting())
        .sum();
  }

  /** No place of the pool is lost: as many clients as it has servers are served at once. */
  private void fill(Gateway gateway) {
    List<RawConnection> last = new ArrayList<>();
    try {
      for (int i = 1; i <= POOL; i++) {
        RawConnection client = RawConnection.login(gateway.address(), USER, "last");
        last.add(client);
        client.send(Requests.query("BEGIN"));
        client.untilReady(1);
      }
    } catch (IOException e) {
      findings.violation(
          "only %d of %d were served at once in the end: %s; the gateway says: %s"
              .formatted(last.size() - 1, POOL, e, gateway.status()));
    }
    for (RawConnection client : last) {
      try {
        client.close();
      } catch (IOException e) {
        findings.count("connections that were broken when they were closed");
      }
    }
  }

  /** With all clients gone, nothing of theirs may be left in the gateway or on the server. */
  private void settle(GatewayServer server, Gateway gateway) throws InterruptedException {
    // the shared listener is beside the pool, and lingers
    String backends =
        "SELECT count(*) FILTER (WHERE state <> 'idle') || ' busy, ' || greatest(0, count(*)"
            + " FILTER (WHERE query NOT LIKE '%LISTEN%') - "
            + POOL
            + ") || ' too many' FROM pg_stat_activity WHERE usename = '"
            + USER
            + "'";
    String locks =
        "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE a.usename = '"
            + USER
            + "'";
    String left = "";
    for (long end = System.nanoTime() + SETTLING.toNanos(); System.nanoTime() < end; ) {
      GatewayStatus status = gateway.status();
      String onServer = server.postgres().sql(backends);
      String locked = server.postgres().sql(locks);
      left =
          "%d clients, %d active, %d waiting, %d pinned, %d bytes held; server connections: %s; %s locks"
              .formatted(
                  status.clients(),
                  status.clientsActive(),
                  status.clientsWaiting(),
                  status.pinned().size(),
                  status.heldBytes(),
                  onServer,
                  locked);
      if (left.equals(
          "0 clients, 0 active, 0 waiting, 0 pinned, 0 bytes held;"
              + " server connections: 0 busy, 0 too many; 0 locks")) {
        return;
      }
      Thread.sleep(100);
    }
    findings.violation("left behind: " + left);
  }

  /** Everything committed is there, nothing that was not. */
  private void count(GatewayServer server, List<SoakClient> all) {
    for (SoakClient client : all) {
      Set<String> there =
          Set.of(
              database(
                      server,
                      "SELECT coalesce(string_agg(text, ','), '') FROM soaked WHERE client = "
                          + client.number())
                  .split(","));
      for (String row : client.committed()) {
        if (!there.contains(row)) {
          findings.violation("the committed row " + row + " is gone");
        }
      }
      for (String row : there) {
        if (!row.isEmpty()
            && !client.committed().contains(row)
            && !client.uncertain().contains(row)) {
          findings.violation("the row " + row + " is there, but was never committed");
        }
      }
    }
    String undone = database(server, "SELECT count(*) FROM soaked WHERE client = -1");
    if (!undone.equals("0")) {
      findings.violation(undone + " rows of transactions that were never committed are there");
    }
  }

  private static String database(GatewayServer server, String sql) {
    try (var connection =
        io.pgfleet.wire.client.Connection.open(server.postgres().settings(USER))) {
      var rows = connection.query(sql).getLast().rows();
      return rows.isEmpty() ? "" : String.valueOf(rows.getFirst().get(0));
    } catch (IOException | io.pgfleet.wire.client.PostgresException e) {
      throw new IllegalStateException("the server refused: " + sql, e);
    }
  }
}
