package io.pgfleet.bench.failover;

import io.pgfleet.bench.BenchException;
import io.pgfleet.bench.Target;
import io.pgfleet.bench.peer.Programs;
import io.pgfleet.testkit.fleet.FleetNode;
import io.pgfleet.testkit.fleet.HostedFleet;
import io.pgfleet.testkit.fleet.Program;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Three agents of this program with their servers and their part of the consensus on a host each,
 * and a gateway on a fourth that is never lost.
 */
final class FleetCluster implements Cluster {
  private static final String FLEET = "bench";
  private static final int NODES = 3;
  private static final int GATEWAY_PORT = 6432;
  private static final int LEASE_SECONDS = 3;
  private static final String CHIEF = "chief";
  private static final String VARIABLE = "PGFLEET_BENCH_PASSWORD";
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final HostedFleet fleet;
  private final String password;

  private FleetCluster(HostedFleet fleet, String password) {
    this.fleet = fleet;
    this.password = password;
  }

  /** What is missing on this machine; empty if nothing is. */
  static String missing() {
    return Programs.find("pg_controldata").isEmpty()
        ? "no program pg_controldata (Debian: apt-get install postgresql)"
        : HostedFleet.obstacle();
  }

  /** Starts one with the same PostgreSQL as Patroni has. */
  static FleetCluster start(Path within) throws IOException, InterruptedException {
    Path postgres =
        Programs.find("pg_controldata").map(Path::getParent).map(Path::getParent).orElseThrow();
    byte[] random = new byte[12];
    new SecureRandom().nextBytes(random);
    String password = HexFormat.of().formatHex(random);
    HostedFleet fleet =
        HostedFleet.make(
            FLEET,
            within.resolve("pgfleet"),
            NODES,
            new Program(Program.ownFlags(), Map.of(VARIABLE, password)),
            said -> {});
    FleetCluster made = new FleetCluster(fleet, password);
    try {
      fleet.prepare(made.yaml(postgres));
      fleet.start();
      made.awaitWhole();
      return made;
    } catch (IOException | RuntimeException | InterruptedException e) {
      made.close();
      throw e;
    }
  }

  private String yaml(Path postgres) {
    StringBuilder text = new StringBuilder();
    text.append("fleet: ").append(FLEET).append('\n');
    text.append("postgres: { path: '").append(postgres);
    text.append("', settings: { max_connections: 100 } }\n");
    text.append("groups:\n  main:\n    nodes:\n");
    StringBuilder members = new StringBuilder();
    for (FleetNode node : fleet.nodes()) {
      text.append("      ").append(node.name()).append(": { host: ");
      text.append(node.host().address()).append(", port: ");
      text.append(FleetNode.PORT).append(" }\n");
      members.append("    ").append(node.name()).append(": { quorum_port: ");
      members.append(FleetNode.QUORUM_PORT).append(" }\n");
    }
    text.append("gateway: { host: ").append(fleet.gatewayHost().address());
    text.append(", port: ").append(GATEWAY_PORT).append(", metrics: { port: off } }\n");
    text.append("consensus:\n  lease: ").append(LEASE_SECONDS).append("s\n  members:\n");
    text.append(members);
    text.append("users:\n  bench: { password: { env: ").append(VARIABLE).append(" } }\n");
    text.append("  ").append(CHIEF).append(": { superuser: true, password: { env: ");
    text.append(VARIABLE).append(" } }\n");
    text.append("databases: { bench: { owner: bench } }\n");
    return text.toString();
  }

  private void awaitWhole() throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!isWhole() || !answers()) {
      if (System.nanoTime() - end > 0) {
        throw new BenchException("the fleet did not become whole", "read its logs with --keep");
      }
      TimeUnit.MILLISECONDS.sleep(200);
    }
  }

  /** The database and its owner are made after the servers. */
  private boolean answers() {
    return ServerState.of(target()).isPresent();
  }

  @Override
  public String name() {
    return "pgfleet";
  }

  @Override
  public String settings() {
    return "pgfleet: lease "
        + LEASE_SECONDS
        + " s, quorum with one standby, consensus on the three hosts of data";
  }

  @Override
  public Target target() {
    return new Target(fleet.gatewayHost().address(), GATEWAY_PORT, FLEET, "bench", password);
  }

  @Override
  public Target server(int host) {
    return new Target(node(host).host().address(), FleetNode.PORT, FLEET, CHIEF, password);
  }

  private FleetNode node(int host) {
    return fleet.nodes().get(host - 1);
  }

  @Override
  public int primary() {
    for (int host = 1; host <= NODES; host++) {
      if (ServerState.of(server(host)).filter(state -> !state.recovers()).isPresent()) {
        return host;
      }
    }
    return 0;
  }

  @Override
  public boolean isWhole() {
    int primary = primary();
    Optional<ServerState> state = primary == 0 ? Optional.empty() : ServerState.of(server(primary));
    return state.filter(one -> one.streaming() == NODES - 1 && one.synchronous() > 0).isPresent();
  }

  @Override
  public boolean killPostmaster(int host) {
    return node(host).killPostmaster();
  }

  @Override
  public void loseHost(int host) throws IOException {
    node(host).host().disconnect();
    node(host).killAll();
  }

  @Override
  public void bringBack(int host) throws IOException {
    node(host).host().connect();
    node(host).startAgent();
  }

  @Override
  public void signalHost(int host, String signal) throws IOException {
    node(host).host().signalAll(signal);
  }

  @Override
  public void switchover() throws IOException, InterruptedException {
    Program.Result result = fleet.switchOver();
    if (!result.succeeded()) {
      throw new BenchException("a switchover was refused: " + result.output(), "");
    }
  }

  @Override
  public void close() {
    fleet.close();
  }
}
