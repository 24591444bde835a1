package io.pgfleet.consensus;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.ACL;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Agreement on ZooKeeper servers that are not ours, and what is said when they do not serve. */
@Tag("together")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ForeignServersIT {
  /** The most that servers with tickTime=500 give. */
  private static final Duration SESSION = Duration.ofSeconds(10);

  private static final Duration CALL = Duration.ofSeconds(20);

  /** ZooKeeper's client looks for null in it, which Java's immutable lists refuse. */
  private static List<ACL> everybody(int rights) {
    return new ArrayList<>(List.of(new ACL(rights, ZooDefs.Ids.ANYONE_ID_UNSAFE)));
  }

  private TestCertificates certificates;
  private ForeignServers servers;

  @BeforeAll
  void start(@TempDir Path folder) throws Exception {
    certificates =
        new TestCertificates(folder.resolve("tls"), List.of("server", "client", "stranger"));
    servers = new ForeignServers(folder, certificates);
  }

  @AfterAll
  void stop() throws Exception {
    servers.close();
  }

  private static AgreementSettings settings(
      String servers, String root, String secret, Optional<TlsFiles> tls) {
    return AgreementSettings.sharedServers(servers, root, secret, SESSION)
        .withCallLimit(CALL)
        .withTls(tls);
  }

  private static Agreement open(AgreementSettings settings) {
    return ZooKeeperAgreement.open(settings, Ticker.system());
  }

  @Test
  void fleetsStandBesideEachOtherInClearTextAndByTlsAlsoWhenAServerIsLost() throws Exception {
    Optional<TlsFiles> tls = Optional.of(certificates.files("client", "server"));
    try (Agreement one = open(settings(servers.plain(), "/pgfleet/one", "a", Optional.empty()));
        Agreement two = open(settings(servers.secure(), "/pgfleet/two", "b", tls))) {
      one.create("/who", "one".getBytes(UTF_8), Lifetime.PERSISTENT);
      two.create("/who", "two".getBytes(UTF_8), Lifetime.PERSISTENT);
      assertThat(one.read("/who").orElseThrow().data()).asString().isEqualTo("one");
      assertThat(two.read("/who").orElseThrow().data()).asString().isEqualTo("two");
      // Three servers with tickTime=500: what was asked for is within 2 and 20 ticks.
      assertThat(two.session().timeout()).isEqualTo(SESSION);

      // The highest number was elected when all three started at once.
      servers.kill(3);
      insist(two, "without");
      assertThat(two.read("/who").orElseThrow().data()).asString().isEqualTo("without");
      servers.start(3);
      assertThat(one.read("/who").orElseThrow().data()).asString().isEqualTo("one");
    }
    assertThatThrownBy(() -> open(settings(servers.plain(), "/pgfleet/one", "b", Optional.empty())))
        .isInstanceOf(AgreementRefusedException.class)
        .hasMessageContaining("another secret");
  }

  /** A new leader may have to be found first; an answer that was lost is no second write. */
  private static void insist(Agreement agreement, String data) {
    Fixture.until(() -> {
      try {
        Entry now = agreement.read("/who").orElseThrow();
        if (new String(now.data(), UTF_8).equals(data)) {
          return true;
        }
        agreement.compareAndSet("/who", data.getBytes(UTF_8), now.version());
        return true;
      } catch (AgreementUnavailableException | ConflictException e) {
        return false;
      }
    });
  }

  @Test
  void whoMayNotCreateIsToldWhatAnAdministratorCanDo() throws Exception {
    CountDownLatch connected = new CountDownLatch(1);
    Watcher watcher = _ -> connected.countDown();
    ZooKeeper administrator = new ZooKeeper(servers.plain(), 4000, watcher);
    try {
      connected.await();
      administrator.create(
          "/closed",
          new byte[0],
          everybody(ZooDefs.Perms.READ | ZooDefs.Perms.ADMIN),
          CreateMode.PERSISTENT);
      AgreementSettings within = settings(servers.plain(), "/closed/fleet", "a", Optional.empty());
      assertThatThrownBy(() -> open(within))
          .isInstanceOf(AgreementRefusedException.class)
          .hasMessageContaining("do not let this fleet create /closed/fleet")
          .hasMessageContaining("right c in the ACL of /closed");

      // What the message asks for is enough.
      administrator.setACL("/closed", everybody(ZooDefs.Perms.READ | ZooDefs.Perms.CREATE), -1);
      open(within).close();
    } finally {
      administrator.close();
    }
  }

  private static List<String> explained(String servers, Optional<TlsFiles> tls) {
    return Reach.explain(settings(servers, "/pgfleet/one", "a", tls));
  }

  private Optional<TlsFiles> tls(String shown, String believed) {
    return Optional.of(certificates.files(shown, believed));
  }

  @Test
  void eachServerThatDoesNotServeIsToldWithItsReason() throws Exception {
    Fixture.until(() ->
        explained(servers.secure(), tls("client", "server")).stream()
            .noneMatch(told -> told.contains("takes no connection")));
    assertThat(explained(servers.secure(), Optional.empty()))
        .hasSize(3)
        .allMatch(told -> told.contains("speaks TLS on this port: add tls to consensus"));
    assertThat(explained(servers.plain(), tls("client", "server")))
        .hasSize(3)
        .allMatch(told -> told.contains("TLS"))
        .noneMatch(told -> told.contains("TLS fits"));
    assertThat(explained(servers.secure(), tls("client", "stranger")))
        .hasSize(3)
        .allMatch(told -> told.contains("shows a certificate that is not believed"));
    assertThat(explained(servers.secureUnderAnotherName(), tls("client", "server")))
        .hasSize(3)
        .allMatch(told ->
            told.startsWith("localhost:") && told.contains("certificate that is not believed"));
    assertThat(explained(servers.secure(), tls("stranger", "server")))
        .hasSize(3)
        .allMatch(told -> told.contains("refuses our certificate"));
    assertThat(explained("127.0.0.1:" + Fixture.freePort(), tls("client", "server")))
        .singleElement()
        .asString()
        .contains("takes no connection");
    assertThat(explained("no-such-host.invalid:2181", Optional.empty()))
        .containsExactly("no-such-host.invalid:2181 has a name that is not found here");
    TlsFiles broken =
        new TlsFiles(certificates.authority("client"), certificates.authority("server"));
    assertThat(explained(servers.secure(), Optional.of(broken)))
        .allMatch(told -> told.contains("can't be used"));
  }
}
