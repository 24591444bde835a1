package io.pgfleet.deploy.front;

import io.pgfleet.spec.FleetFile;
import io.pgfleet.spec.FleetSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Fleets of three nodes, as files say them, and the programs that their fronts are checked with.
 */
final class Fleets {
  static final String NODES =
      """
      groups:
        main:
          nodes:
            n1: { host: 10.0.0.1, port: 5441, checks: { port: 8008 } }
            n2: { host: 10.0.0.2, port: 5441, checks: { port: 8008, host: 10.0.1.2 }, never_read: true }
            n3: { host: 10.0.0.3, port: 5441, checks: { port: 8008 } }
            n4: { host: 10.0.0.4, port: 5441, checks: { port: 8008 }, never_promote: true }
      consensus: { members: { n1: , n2: , n3: } }
      """;

  private Fleets() {}

  static FleetSpec of(Path folder, String more) throws Exception {
    return FleetFile.load(
        Files.writeString(folder.resolve("fleet.yaml"), "fleet: shop\n" + NODES + more));
  }

  /** What a program says about a file. */
  record Verdict(int status, String said) {}

  static Verdict check(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Verdict(process.waitFor(), said);
  }
}
