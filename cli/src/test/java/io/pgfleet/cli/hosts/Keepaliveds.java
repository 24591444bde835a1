package io.pgfleet.cli.hosts;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.cli.Programs;
import io.pgfleet.testkit.TestFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** keepalived on hosts, each with the file that {@code pgfleet deploy keepalived} makes for it. */
final class Keepaliveds {
  static final Path PROGRAM = Path.of("/usr/sbin/keepalived");
  private static final long PATIENCE_NANOS = 60_000_000_000L;

  private final TestFolder folder;
  private final HostNetwork network;
  private final String virtual;
  private final Map<String, Programs> hosts = new TreeMap<>();

  Keepaliveds(TestFolder folder, HostNetwork network, String virtual) {
    this.folder = folder;
    this.network = network;
    this.virtual = virtual;
  }

  /** Starts it on a host. */
  void start(String host, Path yaml, String... role) throws Exception {
    Programs programs = new Programs(folder, folder.path(), network.enter(host));
    Path own = Files.createDirectories(folder.resolve("keepalived-" + host));
    Path config = own.resolve("keepalived.conf");
    List<String> command =
        new ArrayList<>(List.of("deploy", "keepalived", yaml.toString(), "--interface", "eth0"));
    command.addAll(List.of("--virtual-ip", virtual + "/24", "--out", config.toString()));
    command.addAll(List.of(role));
    programs.run(Programs.pgfleet(command.toArray(String[]::new))).expect(0);
    Process _ =
        programs.start(
            own.resolve("out"),
            List.of(
                PROGRAM.toString(),
                "-n",
                "-l",
                "-f",
                config.toString(),
                "-p",
                own.resolve("main.pid").toString(),
                "-r",
                own.resolve("vrrp.pid").toString(),
                "-c",
                own.resolve("checkers.pid").toString()));
    hosts.put(host, programs);
  }

  /** The hosts that have the address. */
  List<String> holders() throws IOException, InterruptedException {
    List<String> found = new ArrayList<>();
    for (Map.Entry<String, Programs> host : hosts.entrySet()) {
      String addresses =
          host.getValue().run(List.of("ip", "-o", "addr", "show", "dev", "eth0")).expect(0).out();
      if (addresses.contains(" " + virtual + "/")) {
        found.add(host.getKey());
      }
    }
    return found;
  }

  /** Waits until these have it, and no others. */
  void awaitHolders(String... wanted) throws Exception {
    long began = System.nanoTime();
    while (!holders().equals(List.of(wanted))) {
      assertThat(System.nanoTime() - began).as(said()).isLessThan(PATIENCE_NANOS);
      Thread.sleep(100);
    }
  }

  private String said() throws IOException {
    StringBuilder all = new StringBuilder();
    for (String host : hosts.keySet()) {
      all.append(Files.readString(folder.resolve("keepalived-" + host).resolve("out")));
    }
    return all.toString();
  }
}
