package io.pgfleet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.gateway.message.Messages;
import io.pgfleet.wire.Protocol;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Clients that are wrong, hostile, slow or too many. */
final class RobustnessIT {
  private static AppServer server;
  private static Gateway gateway;

  @BeforeAll
  static void start() throws Exception {
    server = AppServer.create();
    gateway =
        server.gateway(settings ->
            settings
                .withPoolSize(2, 2)
                .withMaxClientConnections(4)
                .withTimeouts(
                    Duration.ofSeconds(10), Duration.ofSeconds(4), Duration.ofSeconds(1)));
  }

  @AfterAll
  static void stop() throws Exception {
    if (gateway != null) {
      gateway.close();
    }
    if (server != null) {
      server.close();
    }
  }

  @Test
  void encryptionIsDeclinedAndNewerProtocolsAreNegotiatedDown() throws Exception {
    try (RawClient client = new RawClient(gateway.address())) {
      client.send(ByteBuffer.allocate(8).putInt(8).putInt(Protocol.GSSENC_REQUEST).array());
      client.send(ByteBuffer.allocate(8).putInt(8).putInt(Protocol.SSL_REQUEST).array());
      assertThat(client.bytes(2)).isEqualTo("NN");
      client.startup(Protocol.VERSION_3_2, "app", "app", "_pq_.fancy", "1");
      RawClient.Message negotiation = client.read();
      assertThat(negotiation.type()).isEqualTo('v');
      assertThat(negotiation.text()).contains("_pq_.fancy");
      assertThat(client.authenticate("app")).isEqualTo("ZI");
      assertThat(client.parameters)
          .containsKeys("server_version", "in_hot_standby", "session_authorization");
    }
  }

  @Test
  void tooManyClientsAreToldSo() throws Exception {
    while (gateway.status().clients() > 0) {
      Thread.sleep(5); // those of the test before
    }
    RawClient[] clients = new RawClient[4];
    for (int i = 0; i < clients.length; i++) {
      clients[i] = RawClient.login(gateway.address());
    }
    try (RawClient fifth = new RawClient(gateway.address())) {
      fifth.startup("app", "app");
      assertThat(fifth.authenticate("app")).isEqualTo("E:53300");
    }
    for (RawClient client : clients) {
      client.close();
    }
  }

  @Test
  void aClientThatDoesNotLogInIsClosed() throws Exception {
    try (RawClient silent = new RawClient(gateway.address())) {
      assertThat(silent.atEnd()).isTrue();
    }
  }

  @Test
  void lengthsOutsideTheProtocolEndTheConnectionWithAnError() throws Exception {
    for (int length : new int[] {0, 3, -1, Integer.MAX_VALUE}) {
      try (RawClient client = RawClient.login(gateway.address())) {
        client.send(ByteBuffer.allocate(5).put((byte) 'Q').putInt(length).array());
        assertThat(client.read().brief()).isEqualTo("E:08P01");
        assertThat(client.atEnd()).isTrue();
      }
    }
  }

  @Test
  void aFlushWithABodyEndsTheConnectionAndSpoilsNoServer() throws Exception {
    try (Gateway narrow = server.gateway(settings -> settings.withPoolSize(1, 1))) {
      for (String begin : List.of("BEGIN", "SELECT 1")) {
        try (RawClient client = RawClient.login(narrow.address())) {
          client.query(begin);
          client.send(new byte[] {'H', 0, 0, 0, 5, 0});
          assertThat(client.read().brief()).isEqualTo("E:08P01");
          assertThat(client.atEnd()).isTrue();
        }
        try (RawClient next = RawClient.login(narrow.address())) {
          assertThat(next.query("SELECT 2")).contains("D:2", "ZI");
        }
      }
    }
  }

  @Test
  void aClientThatLeavesWhileItsAnswerIsHeldUpInATransactionSpoilsNoServer() throws Exception {
    try (Gateway narrow = server.gateway(settings -> settings.withPoolSize(1, 1))) {
      for (int round = 0; round < 10; round++) {
        try (RawClient slow = RawClient.login(narrow.address())) {
          slow.query("BEGIN");
          slow.send(Messages.query("SELECT repeat('x', " + (200_000 + round * 300_000) + ")"));
          Thread.sleep(50);
        }
        try (RawClient next = RawClient.login(narrow.address())) {
          assertThat(next.query("SELECT 2")).contains("D:2", "ZI");
        }
      }
    }
  }

  @Test
  void randomBytesHarmNobody() throws Exception {
    Random random = new Random(4711);
    try (RawClient bystander = RawClient.login(gateway.address())) {
      for (int round = 0; round < 200; round++) {
        byte[] noise = new byte[random.nextInt(200)];
        random.nextBytes(noise);
        boolean loggedIn = round % 2 == 0;
        try (RawClient client =
            loggedIn ? RawClient.login(gateway.address()) : new RawClient(gateway.address())) {
          if (loggedIn && noise.length > 5) {
            // a likely type and length, so that it is not all refused at the first byte
            noise[0] = (byte) "QPBDECSHFdcfX".charAt(random.nextInt(13));
            ByteBuffer.wrap(noise).putInt(1, 4 + random.nextInt(noise.length));
          }
          client.send(noise);
        } catch (IOException expected) {
          // the gateway may have closed it already
        }
        if (round % 20 == 0) {
          assertThat(bystander.query("SELECT " + round)).contains("D:" + round);
        }
      }
    }
  }

  @Test
  void aClientThatDoesNotReadHoldsUpNobody() throws Exception {
    try (RawClient slow = RawClient.login(gateway.address());
        RawClient other = RawClient.login(gateway.address())) {
      slow.send(Messages.query("SELECT repeat('x', 1000000) FROM generate_series(1, 200)"));
      for (int i = 0; i < 200; i++) {
        assertThat(other.query("SELECT " + i)).contains("D:" + i);
      }
      assertThat(slow.untilReady(1)).hasSize(203);
    }
  }

  @Test
  void aClientThatLeavesInATransactionLeavesNothingBehind() throws Exception {
    try (RawClient leaver = RawClient.login(gateway.address())) {
      leaver.query("BEGIN; CREATE TABLE left_behind (n int)");
    }
    try (RawClient leaver = RawClient.login(gateway.address())) {
      leaver.send(Messages.query("SELECT pg_sleep(60)"));
    }
    try (RawClient next = RawClient.login(gateway.address())) {
      assertThat(next.query("SELECT * FROM left_behind")).containsExactly("E:42P01", "ZI");
      String sleepers = "SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)'";
      while (!next.query(sleepers).contains("D:0")) {
        Thread.sleep(20);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = PoolMode.class,
      names = {"SESSION", "TRANSACTION"})
  void aClientThatLeavesInTheMidstOfSomethingLeavesNoServerThatUnderstandsNothing(PoolMode mode)
      throws Exception {
    try (Gateway narrow =
        server.gateway(settings -> settings.withPoolMode(mode).withPoolSize(1, 1))) {
      for (int round = 0; round < 5; round++) {
        try (RawClient leaver = RawClient.login(narrow.address())) {
          // after the error the server skips to a Sync that never comes
          leaver.send(RawClient.parse("", "SELEKT"), RawClient.flush());
          assertThat(leaver.read().brief()).isEqualTo("E:42601");
        }
        try (RawClient next = RawClient.login(narrow.address())) {
          assertThat(next.query("SELECT 1")).contains("D:1");
        }
        try (RawClient leaver = RawClient.login(narrow.address())) {
          leaver.query("SELECT 1");
          // half of a message that a server outside COPY ignores, but reads to its end
          leaver.send(ByteBuffer.allocate(60_000).put((byte) 'd').putInt(1_000_000).array());
          leaver.send(new byte[10]);
        }
        try (RawClient next = RawClient.login(narrow.address())) {
          assertThat(next.query("SELECT 2")).contains("D:2");
        }
      }
    }
  }
}
