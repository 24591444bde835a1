package io.pgfleet.consensus;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.ZooKeeper;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("together")
class EmbeddedConsensusIT {
  @TempDir Path folder;

  private static InetSocketAddress loopback(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  private static void startFails(Path folder, int port, String message) {
    assertThatThrownBy(
            () -> EmbeddedConsensus.start(folder, loopback(port), Duration.ofSeconds(2)).close())
        .isInstanceOf(ConsensusStartException.class)
        .hasMessageContaining(message);
  }

  @Test
  void stateSurvivesARestartAndSessionsGoOn() throws Exception {
    try (Fixture fixture = new Fixture(folder);
        Agreement agreement =
            Fixture.open(
                fixture.server().servers(), Duration.ofSeconds(20), Duration.ofSeconds(20))) {
      Entry kept = agreement.create("/kept", "k".getBytes(UTF_8), Lifetime.PERSISTENT);
      Entry lease = agreement.create("/lease", "l".getBytes(UTF_8), Lifetime.SESSION);
      fixture.stop();
      fixture.startAgain();
      assertThat(agreement.read("/kept")).contains(kept);
      assertThat(agreement.read("/lease")).contains(lease);
    }
  }

  @Test
  void whatWasAcknowledgedSurvivesAKill() throws Exception {
    int port = Fixture.freePort();
    Process process = ConsensusProcess.start(folder, port);
    int acknowledged = 0;
    try (Agreement agreement =
        Fixture.open("127.0.0.1:" + port, Fixture.SESSION, Fixture.SESSION)) {
      CountDownLatch atWork = new CountDownLatch(100);
      Thread _ =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  atWork.await();
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
                process.destroyForcibly();
              });
      while (true) {
        agreement.create("/n/" + acknowledged, new byte[100], Lifetime.PERSISTENT);
        acknowledged++;
        atWork.countDown();
      }
    } catch (AgreementUnavailableException expected) {
      process.destroyForcibly().waitFor();
    }
    assertThat(acknowledged).isPositive();
    try (Fixture fixture = new Fixture(folder, port);
        Agreement agreement = fixture.open()) {
      assertThat(agreement.children("/n")).hasSizeBetween(acknowledged, acknowledged + 1);
    }
  }

  @Test
  void aTakenPortAndABadFolderAreToldClearly() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      startFails(folder, taken.getLocalPort(), "can't listen on localhost:" + taken.getLocalPort());
    }
    Path file = Files.createFile(folder.resolve("file"));
    startFails(file.resolve("below"), 0, "can't use its folder " + file.resolve("below"));
    try (Fixture fixture = new Fixture(folder)) {
      startFails(folder, 0, "is used by another server");
      assertThat(fixture.server().failure()).isNotDone();
    }
    new Fixture(folder).close();
    assertThatThrownBy(
            () -> EmbeddedConsensus.start(folder, new InetSocketAddress(0), Duration.ofSeconds(2)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void damagedStateIsToldAndLeftAlone() throws Exception {
    new Fixture(folder).close();
    Path snapshot = folder.resolve("data/version-2/snapshot.0");
    byte[] garbage = "garbage".getBytes(UTF_8);
    Files.write(snapshot, garbage);
    Files.createDirectories(folder.resolve("log/version-2"));
    Files.write(folder.resolve("log/version-2/log.1"), garbage);
    startFails(folder, 0, "can't use its folder " + folder);
    assertThat(snapshot).hasBinaryContent(garbage);
  }

  @Test
  void withoutTheSecretNothingCanBeReadOrWritten() throws Exception {
    try (Fixture fixture = new Fixture(folder);
        Agreement agreement = fixture.open()) {
      agreement.create("/private", "p".getBytes(UTF_8), Lifetime.PERSISTENT);
      assertThatThrownBy(() ->
              ZooKeeperAgreement.open(
                  AgreementSettings.ownServers(
                      fixture.server().servers(), "another", Fixture.SESSION),
                  Ticker.system()))
          .isInstanceOf(AgreementRefusedException.class)
          .hasMessageContaining("another secret");
      ZooKeeper stranger = new ZooKeeper(fixture.server().servers(), 5000, event -> {});
      try {
        refused(() -> stranger.getData("/pgfleet/state/private", false, null));
        refused(() -> stranger.getChildren("/pgfleet", false));
        refused(() -> stranger.setData("/pgfleet/state/private", new byte[0], -1));
        refused(() -> stranger.delete("/pgfleet/state/private", -1));
        for (String path : List.of("/pgfleet/state/mine", "/beside")) {
          refused(() ->
              stranger.create(
                  path, new byte[0], ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT));
        }
      } finally {
        stranger.close();
      }
    }
  }

  private static void refused(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatThrownBy(call).isInstanceOf(KeeperException.NoAuthException.class);
  }

  @Test
  void onlyTwoCommandsAreAnswered() throws Exception {
    try (Fixture fixture = new Fixture(folder)) {
      assertThat(command(fixture, "ruok")).isEqualTo("imok");
      assertThat(command(fixture, "srvr")).contains("Mode: standalone");
      assertThat(command(fixture, "dump")).contains("not in the whitelist");
    }
  }

  private static String command(Fixture fixture, String command) throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), fixture.port())) {
      socket.getOutputStream().write(command.getBytes(UTF_8));
      return new String(socket.getInputStream().readAllBytes(), UTF_8).strip();
    }
  }
}
