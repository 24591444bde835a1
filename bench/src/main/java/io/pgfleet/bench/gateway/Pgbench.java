package io.pgfleet.bench.gateway;

import io.pgfleet.bench.BenchException;
import io.pgfleet.bench.Target;
import io.pgfleet.bench.peer.Programs;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The program pgbench, and whom it works as.
 *
 * @param threads of one run
 * @param folder for its logs
 */
record Pgbench(Path program, Target target, int threads, Path folder) {
  /** Stands among the options of a load that wants TLS; never given to pgbench. */
  static final String TLS = "tls";

  static Path program(String hint) {
    return Programs.find("pgbench")
        .orElseThrow(() -> new BenchException("pgbench is not installed", hint));
  }

  /** Runs it against a port of 127.0.0.1 and gives its report. */
  String run(int port, String sslMode, List<String> options) throws InterruptedException {
    List<String> command = new ArrayList<>(List.of(program.toString()));
    command.addAll(List.of("-h", "127.0.0.1", "-p", "" + port, "-U", target.user()));
    command.addAll(options);
    command.add(target.database());
    return Programs.run(
        command,
        Map.of("PGPASSWORD", target.password(), "PGSSLMODE", sslMode, "PGGSSENCMODE", "disable"));
  }

  /** Makes its tables. */
  void prepare(int scale) throws InterruptedException {
    run(target.port(), "disable", List.of("-i", "-q", "-s", "" + scale));
  }
}
