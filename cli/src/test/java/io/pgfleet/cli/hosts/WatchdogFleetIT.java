package io.pgfleet.cli.hosts;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.agent.server.ServerGuard;
import io.pgfleet.cli.NotingClient;
import io.pgfleet.postgres.host.ServerUser;
import io.pgfleet.testkit.TestFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A fleet whose nodes must not lead without a watchdog. Devices are files in which every write is
 * found again, and wdctl is a script that agrees to everything.
 */
@Tag("slow")
class WatchdogFleetIT {
  private static final long LIMIT_NANOS = 60_000_000_000L;

  private record Devices(TestFolder folder) {
    Devices {
      Path wdctl = folder.resolve("wdctl");
      try {
        Files.writeString(wdctl, "#!/bin/sh\necho \"Timeout has been set to $2 seconds.\"\n");
        Files.setPosixFilePermissions(wdctl, PosixFilePermissions.fromString("rwxr-xr-x"));
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }

    Path of(String node) {
      return folder.resolve("watchdog-" + node);
    }

    void make(String node) throws IOException {
      Files.createFile(of(node));
      ServerUser.resolve(Optional.empty()).own(of(node));
    }

    boolean armed(String node) throws IOException {
      return Files.readString(of(node)).endsWith(".");
    }

    boolean disarmed(String node) throws IOException {
      return Files.readString(of(node)).endsWith("V");
    }
  }

  /** Loopback addresses where the programs of the test come first. */
  private record Network(LoopbackNetwork loopback, Path programs) implements HostNetwork {
    @Override
    public String address(String host) {
      return loopback.address(host);
    }

    @Override
    public List<String> enter(String host) {
      return List.of("env", "PATH=" + programs + ":" + System.getenv("PATH"));
    }

    @Override
    public void cut(String host) {
      loopback.cut(host);
    }

    @Override
    public void mend(String host) {
      loopback.mend(host);
    }

    @Override
    public void close() {
      loopback.close();
    }
  }

  private static void until(Callable<Boolean> condition) throws Exception {
    long begin = System.nanoTime();
    while (!condition.call()) {
      assertThat(System.nanoTime() - begin).as("time waited").isLessThan(LIMIT_NANOS);
      Thread.sleep(100);
    }
  }

  private static String status(FleetHosts hosts) throws Exception {
    return hosts.run("gw", "status", "--json", "--fleet", "tried").text();
  }

  @Test
  void aNodeWithoutItsWatchdogIsPassedOverAndOneWithItArmsItWhileItLeads() throws Exception {
    Assumptions.assumeTrue(ServerGuard.available(), "no /proc/uptime, bash or flock here");
    try (TestFolder folder = TestFolder.create();
        FleetHosts hosts =
            new FleetHosts(new Network(new LoopbackNetwork(), folder.path()), List.of())) {
      Devices devices = new Devices(folder);
      devices.make("n1");
      String yaml = Files.readString(hosts.file("n1"));
      for (String node : List.of("n1", "n2")) {
        String key = "watchdog: { mode: required, device: " + devices.of(node) + " }";
        yaml = yaml.replaceFirst(node + ": [{] host", node + ": { " + key + ", host");
      }
      Files.writeString(hosts.file("n1"), yaml);
      hosts.startFleet("w1", "n1", "n2");
      try (NotingClient client = new NotingClient(hosts.jdbc())) {
        client.goOn();
        assertThat(devices.armed("n1")).isTrue();
        until(() -> status(hosts).contains("can't be used: there is no such device"));
        assertThat(hosts.run("gw", "switchover", "--to", "n2", "--fleet", "tried").expect(1).err())
            .contains("n2 must not be the primary now", "there is no such device");

        // Nobody may take over, so the primary's server is started again in its place.
        hosts.server("n1").destroyForcibly();
        client.goOn();
        assertThat(status(hosts)).contains("\"primary\":\"n1\"").contains("\"term\":1");

        devices.make("n2");
        until(() -> !status(hosts).contains("can't be used"));
        assertThat(devices.armed("n2")).isFalse();
        hosts.run("gw", "switchover", "--to", "n2", "--fleet", "tried").expect(0);
        client.goOn();
        until(() -> devices.armed("n2") && devices.disarmed("n1"));

        hosts.awaitWhole("gw");
        hosts.server("n2").destroyForcibly();
        client.goOn();
        until(() -> devices.armed("n1") && devices.disarmed("n2"));
        hosts.awaitWhole("gw");
        hosts.terminate("n1");
        until(() -> devices.disarmed("n1"));
        client.goOn();
        assertThat(client.lost()).isEmpty();
      }
    }
  }
}
