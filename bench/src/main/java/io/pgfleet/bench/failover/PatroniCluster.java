package io.pgfleet.bench.failover;

import io.pgfleet.bench.BenchException;
import io.pgfleet.bench.Target;
import io.pgfleet.bench.peer.Daemon;
import io.pgfleet.bench.peer.Programs;
import io.pgfleet.testkit.fleet.Postmaster;
import io.pgfleet.testkit.host.VirtualHost;
import io.pgfleet.testkit.host.VirtualHosts;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Patroni on three hosts, etcd and HAProxy on a fourth that is never lost, which favours it. Its
 * times are the smallest that its manual allows (Patroni manual, 'Dynamic Configuration Settings':
 * loop_wait 1, retry_timeout 3, ttl 20); commits wait for a standby, as in pgfleet.
 */
final class PatroniCluster implements Cluster {
  private static final int DATA_HOSTS = 3;
  private static final int OTHERS = DATA_HOSTS + 1;
  private static final int POSTGRES = 5432;
  private static final int CHECKS = 8008;
  private static final int ETCD = 2379;
  private static final int ENTRANCE = 5000;
  private static final String PASSWORD = "bench-password";
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Pattern TIMELINE = Pattern.compile("\"timeline\": ([0-9]+)");
  private static final Duration ANSWER = Duration.ofSeconds(2);

  private final Path folder;
  private final VirtualHosts hosts;
  private final String version;
  private final Path binaries;
  private final HttpClient http = HttpClient.newBuilder().connectTimeout(ANSWER).build();

  private PatroniCluster(Path folder, VirtualHosts hosts, String version, Path binaries) {
    this.folder = folder;
    this.hosts = hosts;
    this.version = version;
    this.binaries = binaries;
  }

  /** What is missing on this machine; empty if nothing is. */
  static String missing() {
    for (String program : List.of("patroni", "etcd", "haproxy", "setpriv", "pg_controldata")) {
      if (Programs.find(program).isEmpty()) {
        return "no program "
            + program
            + " (Debian: apt-get install patroni etcd-server haproxy postgresql)";
      }
    }
    return VirtualHosts.obstacle();
  }

  static PatroniCluster start(Path within) throws IOException, InterruptedException {
    String said =
        Programs.run(
            List.of(Programs.find("patroni").orElseThrow().toString(), "--version"), Map.of());
    Path binaries = Programs.find("pg_controldata").map(Path::getParent).orElseThrow();
    Path folder = Files.createDirectory(within.resolve("patroni"));
    VirtualHosts hosts = VirtualHosts.create(OTHERS);
    PatroniCluster made =
        new PatroniCluster(folder, hosts, said.strip().replaceAll(".* ", ""), binaries);
    try {
      made.begin();
      return made;
    } catch (IOException | RuntimeException | InterruptedException e) {
      made.close();
      throw e;
    }
  }

  private void begin() throws IOException, InterruptedException {
    own(folder);
    String etcd = hosts.host(OTHERS).address();
    run(
        OTHERS,
        "etcd",
        List.of(
            "etcd",
            "--data-dir",
            folder.resolve("etcd").toString(),
            "--heartbeat-interval=100",
            "--listen-client-urls",
            "http://" + etcd + ":" + ETCD,
            "--advertise-client-urls",
            "http://" + etcd + ":" + ETCD));
    for (int host = 1; host <= DATA_HOSTS; host++) {
      Path file = Files.writeString(folder.resolve("patroni-" + host + ".yml"), patroni(host));
      own(file);
      own(Files.createDirectory(socket(host)));
      startPatroni(host);
    }
    Path balancer = Files.writeString(folder.resolve("haproxy.cfg"), balancer());
    own(balancer);
    run(OTHERS, "haproxy", List.of("haproxy", "-db", "-f", balancer.toString()));
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!isWhole()) {
      if (System.nanoTime() - end > 0) {
        throw new BenchException("Patroni's cluster did not become whole", "read " + folder);
      }
      TimeUnit.MILLISECONDS.sleep(200);
    }
  }

  private void startPatroni(int host) throws IOException {
    run(
        host,
        "patroni-" + host,
        List.of("patroni", folder.resolve("patroni-" + host + ".yml").toString()));
  }

  private String patroni(int host) {
    String address = hosts.host(host).address();
    return """
    scope: bench
    name: n%1$d
    restapi: { listen: '%2$s:%3$d', connect_address: '%2$s:%3$d' }
    etcd3: { hosts: '%4$s:%5$d' }
    bootstrap:
      dcs:
        ttl: 20
        loop_wait: 1
        retry_timeout: 3
        maximum_lag_on_failover: 1048576
        synchronous_mode: true
        postgresql:
          use_pg_rewind: true
          use_slots: true
          parameters: { max_connections: 100 }
      initdb: [ encoding: UTF8, data-checksums ]
      pg_hba: [ 'host all all 0.0.0.0/0 scram-sha-256', 'host replication all 0.0.0.0/0 scram-sha-256' ]
    postgresql:
      listen: '%2$s:%6$d'
      connect_address: '%2$s:%6$d'
      data_dir: '%7$s'
      bin_dir: '%8$s'
      pgpass: '%7$s.pgpass'
      authentication:
        superuser: { username: postgres, password: %9$s }
        replication: { username: replicator, password: %9$s }
        rewind: { username: rewind, password: %9$s }
      parameters: { unix_socket_directories: '%10$s' }
    """
        .formatted(
            host,
            address,
            CHECKS,
            hosts.host(OTHERS).address(),
            ETCD,
            POSTGRES,
            data(host),
            binaries,
            PASSWORD,
            socket(host));
  }

  /** Never in the data folder: a base backup would take the lock file along. */
  private Path socket(int host) {
    return folder.resolve("socket-" + host);
  }

  private Path data(int host) {
    return folder.resolve("data-" + host);
  }

  /** As Patroni's own template for HAProxy, with shorter times. */
  private String balancer() {
    StringBuilder text =
        new StringBuilder(
            """
            global
              maxconn 200
            defaults
              mode tcp
              retries 2
              timeout client 30m
              timeout connect 4s
              timeout server 30m
              timeout check 1s
            listen primary
              bind %s:%d
              option httpchk OPTIONS /primary
              http-check expect status 200
              default-server inter 500ms fall 2 rise 1 on-marked-down shutdown-sessions
            """
                .formatted(hosts.host(OTHERS).address(), ENTRANCE));
    for (int host = 1; host <= DATA_HOSTS; host++) {
      text.append(
          "  server n%d %s:%d maxconn 100 check port %d%n"
              .formatted(host, hosts.host(host).address(), POSTGRES, CHECKS));
    }
    return text.toString();
  }

  /** Runs a program on a host, as the user who owns the files. */
  private void run(int host, String name, List<String> command) throws IOException {
    List<String> found = new ArrayList<>(command);
    found.set(0, Programs.find(command.getFirst()).orElseThrow().toString());
    VirtualHost place = hosts.host(host);
    ProcessBuilder builder =
        new ProcessBuilder(place.command(Daemon.asPostgres(found)))
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(Redirect.appendTo(folder.resolve(name + ".log").toFile()));
    builder.start().getOutputStream().close();
  }

  private static void own(Path file) throws IOException {
    Files.setOwner(
        file,
        file.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("postgres"));
  }

  @Override
  public String name() {
    return "Patroni " + version + " + etcd + HAProxy";
  }

  @Override
  public String settings() {
    return "Patroni: ttl 20 s, loop_wait 1 s, retry_timeout 3 s, synchronous_mode;"
        + " HAProxy: inter 500 ms, fall 2, rise 1";
  }

  @Override
  public Target target() {
    return new Target(hosts.host(OTHERS).address(), ENTRANCE, "postgres", "postgres", PASSWORD);
  }

  @Override
  public Target server(int host) {
    return new Target(hosts.host(host).address(), POSTGRES, "postgres", "postgres", PASSWORD);
  }

  @Override
  public int primary() throws InterruptedException {
    for (int host = 1; host <= DATA_HOSTS; host++) {
      if (get(host, "/primary").status() == 200) {
        return host;
      }
    }
    return 0;
  }

  @Override
  public boolean isWhole() throws InterruptedException {
    int primary = primary();
    if (primary == 0) {
      return false;
    }
    String members = get(primary, "/cluster").body();
    // 3.0 shows a standby that streams as running
    return members.split("\"state\": \"(running|streaming)\"", -1).length == DATA_HOSTS + 1
        && members.contains("\"sync_standby\"");
  }

  /** Patroni manual, 'Patroni REST API', Reinitialize endpoint. */
  @Override
  public String repair() throws InterruptedException {
    int leader = primary();
    if (leader == 0) {
      return "";
    }
    List<String> done = new ArrayList<>();
    String line = timeline(leader);
    for (int host = 1; host <= DATA_HOSTS; host++) {
      boolean well = get(host, "/health").status() == 200 && timeline(host).equals(line);
      if (!well) {
        done.add("n" + host + ": " + reinitialize(host));
      }
    }
    return "reinitialized by hand (" + String.join(", ", done) + ")";
  }

  private String timeline(int host) throws InterruptedException {
    Matcher found = TIMELINE.matcher(get(host, "/patroni").body());
    return found.find() ? found.group(1) : "";
  }

  private String reinitialize(int host) throws InterruptedException {
    try {
      HttpResponse<String> response =
          http.send(
              HttpRequest.newBuilder(uri(host, "/reinitialize"))
                  .timeout(Duration.ofSeconds(30))
                  .POST(HttpRequest.BodyPublishers.ofString("{\"force\": true}"))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      return response.statusCode() + " " + response.body();
    } catch (IOException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private record Reply(int status, String body) {}

  private Reply get(int host, String path) throws InterruptedException {
    try {
      HttpResponse<String> response =
          http.send(
              HttpRequest.newBuilder(uri(host, path)).timeout(ANSWER).build(),
              HttpResponse.BodyHandlers.ofString());
      return new Reply(response.statusCode(), response.body());
    } catch (IOException e) {
      return new Reply(0, "");
    }
  }

  private URI uri(int host, String path) {
    return URI.create("http://" + hosts.host(host).address() + ":" + CHECKS + path);
  }

  @Override
  public boolean killPostmaster(int host) {
    return Postmaster.kill(data(host));
  }

  @Override
  public void loseHost(int host) throws IOException {
    hosts.host(host).lose();
  }

  @Override
  public void bringBack(int host) throws IOException {
    hosts.host(host).connect();
    startPatroni(host);
  }

  @Override
  public void signalHost(int host, String signal) throws IOException {
    hosts.host(host).signalAll(signal);
  }

  @Override
  public void switchover() throws IOException, InterruptedException {
    int leader = primary();
    String wish = "{\"leader\": \"n" + leader + "\"}";
    HttpResponse<String> response =
        http.send(
            HttpRequest.newBuilder(uri(leader, "/switchover"))
                .timeout(Duration.ofSeconds(60))
                .POST(HttpRequest.BodyPublishers.ofString(wish))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    if (response.statusCode() != 200) {
      throw new BenchException("Patroni refused to switch over: " + response.body(), "");
    }
  }

  @Override
  public void close() {
    hosts.close();
  }
}
