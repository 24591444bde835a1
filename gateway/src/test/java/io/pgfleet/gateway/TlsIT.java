package io.pgfleet.gateway;

import static io.pgfleet.gateway.Psql.psql;
import static io.pgfleet.gateway.Psql.to;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgfleet.gateway.Psql.Result;
import io.pgfleet.gateway.message.Messages;
import io.pgfleet.gateway.tls.ClientTls;
import io.pgfleet.gateway.tls.ClientTlsSettings;
import io.pgfleet.gateway.tls.ServerTlsSettings;
import io.pgfleet.gateway.tls.TestCertificates;
import io.pgfleet.gateway.tls.TlsMode;
import io.pgfleet.testkit.FaultProxy;
import io.pgfleet.wire.Protocol;
import io.pgfleet.wire.client.ConnectSettings;
import io.pgfleet.wire.client.Connection;
import io.pgfleet.wire.client.PostgresException;
import io.pgfleet.wire.client.VerifiedTls;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TLS on both sides, with psql, pgjdbc and a client of our own. */
final class TlsIT {
  private static final Executor ALONE = task -> Thread.ofVirtual().start(task);

  @TempDir private static Path folder;

  private static AppServer server;
  private static TestCertificates authority;

  @BeforeAll
  static void start() throws Exception {
    server = AppServer.create();
    authority = TestCertificates.authority(folder, "ca");
    authority.sign("gate", "/CN=localhost", "DNS:localhost,IP:127.0.0.1");
    TestCertificates.authority(folder, "stranger");
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
    }
  }

  private static ClientTlsSettings tls(TlsMode mode) {
    return ClientTlsSettings.of(mode, folder.resolve("gate.crt"), folder.resolve("gate.key"));
  }

  private static Gateway gateway(UnaryOperator<AccessSettings> change) throws IOException {
    return server.gateway(
        settings -> settings.withAccess(change.apply(settings.access())).withPoolSize(5, 1));
  }

  private static String verified() {
    return "sslmode=verify-full sslrootcert=" + folder.resolve("ca.crt") + " ";
  }

  private static SSLContext trusting(Path certificate) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    try (var in = Files.newInputStream(certificate)) {
      store.setCertificateEntry(
          "ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
    }
    TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
    factory.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, factory.getTrustManagers(), null);
    return context;
  }

  @Test
  void psqlVerifiesTheGatewayAndBindsItsLoginToTheChannel() throws Exception {
    try (Gateway gateway = gateway(access -> access.withClientTls(tls(TlsMode.PREFER)))) {
      Result bound =
          psql(to(gateway, "app", verified() + "channel_binding=require"), "app", "SELECT 1");
      assertThat(bound).isEqualTo(new Result(0, "1"));
      assertThat(psql(to(gateway, "app", "sslmode=disable"), "app", "SELECT 2").output())
          .isEqualTo("2");
      assertThat(
              psql(
                      to(gateway, "app", verified() + "ssl_max_protocol_version=TLSv1.2"),
                      "app",
                      "SELECT 3")
                  .output())
          .isEqualTo("3");
      assertThat(psql(to(gateway, "app", verified()), "wrong", "SELECT 1").output())
          .contains("password authentication failed for user \"app\"");
    }
  }

  @Test
  void largeResultsAndRequestsPassThroughTls() throws Exception {
    try (Gateway gateway = gateway(access -> access.withClientTls(tls(TlsMode.REQUIRE)));
        var connection =
            DriverManager.getConnection(
                "jdbc:postgresql://localhost:"
                    + gateway.address().getPort()
                    + "/app?sslmode=verify-full&channelBinding=require&sslrootcert="
                    + folder.resolve("ca.crt"),
                "app",
                "app");
        var statement = connection.prepareStatement("SELECT md5(?), length(?), repeat('y', ?)")) {
      for (int size : new int[] {1, 16_000, 17_000, 70_000, 5_000_000}) {
        String text = "x".repeat(size);
        statement.setString(1, text);
        statement.setString(2, text);
        statement.setInt(3, size);
        try (var rows = statement.executeQuery()) {
          rows.next();
          assertThat(rows.getInt(2)).isEqualTo(size);
          assertThat(rows.getString(3)).isEqualTo("y".repeat(size));
        }
      }
    }
  }

  @Test
  void tlsCanBeRequired() throws Exception {
    try (Gateway gateway = gateway(access -> access.withClientTls(tls(TlsMode.REQUIRE)))) {
      assertThat(psql(to(gateway, "app", "sslmode=disable"), "app", "SELECT 1").output())
          .contains("TLS only");
      assertThat(psql(to(gateway, "app", "sslmode=require"), "app", "SELECT 1").output())
          .isEqualTo("1");
    }
  }

  @Test
  void directTlsNeedsTheProtocolsName() throws Exception {
    SSLContext context = trusting(folder.resolve("ca.crt"));
    try (Gateway gateway = gateway(access -> access.withClientTls(tls(TlsMode.PREFER)))) {
      try (RawClient client = new RawClient(gateway.address())) {
        client.tls(context, ClientTls.ALPN);
        client.startup("app", "app");
        assertThat(client.authenticate("app")).isEqualTo("ZI");
        assertThat(client.query("SELECT 5")).contains("D:5");
      }
      try (RawClient client = new RawClient(gateway.address())) {
        client.tls(context);
        client.startup("app", "app");
        assertThat(client.authenticate("app")).isEqualTo("E:08P01");
      }
      try (RawClient client = new RawClient(gateway.address())) {
        assertThatThrownBy(() -> client.tls(context, "http/1.1")).isInstanceOf(IOException.class);
      }
    }
  }

  @Test
  void bytesPutInBeforeTheHandshakeAreRefused() throws Exception {
    try (Gateway gateway = gateway(access -> access.withClientTls(tls(TlsMode.PREFER)));
        RawClient client = new RawClient(gateway.address())) {
      byte[] request = ByteBuffer.allocate(8).putInt(8).putInt(Protocol.SSL_REQUEST).array();
      client.send(request, new byte[] {0, 0, 0, 9});
      assertThat(client.read().brief()).isEqualTo("E:08P01");
      assertThat(client.atEnd()).isTrue();
    }
  }

  @Test
  void newCertificatesCountForNewConnectionsAndOldOnesStay() throws Exception {
    Path certificate = folder.resolve("moving.crt");
    Path key = folder.resolve("moving.key");
    authority.sign("moving", "/CN=first", "DNS:localhost");
    try (Gateway gateway =
            gateway(access ->
                access.withClientTls(ClientTlsSettings.of(TlsMode.REQUIRE, certificate, key)));
        RawClient old = new RawClient(gateway.address())) {
      old.tls(trusting(folder.resolve("ca.crt")), ClientTls.ALPN);
      old.startup("app", "app");
      assertThat(old.authenticate("app")).isEqualTo("ZI");
      TestCertificates other = TestCertificates.authority(folder, "other");
      other.sign("next", "/CN=second", "DNS:localhost");
      Files.writeString(certificate, "no certificate");
      assertThatThrownBy(gateway::reloadAccess).hasMessageContaining("moving.crt: no certificate");
      Files.copy(folder.resolve("next.key"), key, StandardCopyOption.REPLACE_EXISTING);
      Files.copy(folder.resolve("next.crt"), certificate, StandardCopyOption.REPLACE_EXISTING);
      String next = to(gateway, "app", "sslmode=verify-full sslrootcert=" + other.file());
      long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
      while (psql(next, "app", "SELECT 1").code() != 0 && System.nanoTime() < end) {
        Thread.sleep(100);
      }
      assertThat(psql(next, "app", "SELECT 1").output()).isEqualTo("1");
      assertThat(old.query("SELECT 6")).contains("D:6");
    }
  }

  @Test
  void serversAreVerifiedAndLoginsThereBoundToTheChannel() throws Exception {
    authority.sign("server", "/CN=server", "IP:127.0.0.1");
    authority.sign("elsewhere", "/CN=elsewhere", "DNS:elsewhere");
    copyToServer("server");
    copyToServer("elsewhere");
    try {
      serveTls("server");
      ServerTlsSettings full =
          ServerTlsSettings.of(TlsMode.VERIFY_FULL).withAuthorities(authority.file());
      String encrypted = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
      try (Gateway gateway = gateway(access -> access.withServerTls(full))) {
        assertThat(psql(to(gateway, "app", ""), "app", encrypted).output()).isEqualTo("t");
        String lookup =
            "SELECT s.ssl FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid)"
                + " WHERE a.usename = 'pgfleet_gateway'";
        assertThat(server.postgres().sql(lookup)).isEqualTo("t");
        cancelOverTls(gateway);
      }
      serveTls("elsewhere");
      try (Gateway gateway =
          gateway(access ->
              access.withServerTls(
                  ServerTlsSettings.of(TlsMode.VERIFY_CA).withAuthorities(authority.file())))) {
        assertThat(psql(to(gateway, "app", ""), "app", encrypted).output()).isEqualTo("t");
      }
      Path strangers = folder.resolve("stranger.crt");
      // the lookup itself refuses such a server, so the login never gets an answer
      try (Gateway gateway =
          server.gateway(settings ->
              settings
                  .withAccess(
                      settings
                          .access()
                          .withServerTls(
                              ServerTlsSettings.of(TlsMode.VERIFY_CA).withAuthorities(strangers)))
                  .withTimeouts(
                      Duration.ofSeconds(5), Duration.ofSeconds(3), Duration.ofSeconds(1)))) {
        assertThat(psql(to(gateway, "app", ""), "app", "SELECT 1").code()).isNotZero();
      }
    } finally {
      server.postgres().sql("ALTER SYSTEM SET ssl = off");
      server.postgres().sql("SELECT pg_reload_conf()");
    }
  }

  @Test
  void aConnectionOfOurOwnToAServerThatStandsStillIsClosedAtOnce() throws Exception {
    authority.sign("still", "/CN=still", "IP:127.0.0.1");
    copyToServer("still");
    serveTls("still");
    try (FaultProxy way = FaultProxy.before(server.port())) {
      Connection idle = ownConnection(way.port());
      Connection busy = ownConnection(way.port());
      way.toServer().freeze();
      way.toClient().freeze();
      CompletableFuture<Boolean> answered =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  busy.query("SELECT 1");
                  return true;
                } catch (IOException | PostgresException e) {
                  return false;
                }
              },
              ALONE);
      for (Connection connection : List.of(idle, busy)) {
        CompletableFuture.runAsync(connection::close, ALONE).get(20, TimeUnit.SECONDS);
      }
      assertThat(answered.get(20, TimeUnit.SECONDS)).isFalse();
    } finally {
      server.postgres().sql("ALTER SYSTEM SET ssl = off");
      server.postgres().sql("SELECT pg_reload_conf()");
    }
  }

  private static Connection ownConnection(int port) throws Exception {
    Duration minute = Duration.ofMinutes(1);
    return Connection.open(
        ConnectSettings.of("127.0.0.1", port, "app", "app")
            .withPassword("app")
            .withTimeouts(minute, minute)
            .withEncryption(
                Optional.of(
                    VerifiedTls.of(
                        folder.resolve("gate.crt"),
                        folder.resolve("gate.key"),
                        folder.resolve("ca.crt")))));
  }

  private static void copyToServer(String name) throws IOException {
    Path data = server.postgres().server().data().path();
    for (String end : new String[] {".crt", ".key"}) {
      Path copy = data.resolve(name + end);
      Files.copy(folder.resolve(name + end), copy);
      Files.setOwner(copy, Files.getOwner(data));
    }
  }

  private static void serveTls(String name) throws InterruptedException {
    server.postgres().sql("ALTER SYSTEM SET ssl_cert_file = '" + name + ".crt'");
    server.postgres().sql("ALTER SYSTEM SET ssl_key_file = '" + name + ".key'");
    server.postgres().sql("ALTER SYSTEM SET ssl = on");
    server.postgres().sql("SELECT pg_reload_conf()");
    while (!server.postgres().sql("SHOW ssl_cert_file").equals(name + ".crt")) {
      Thread.sleep(20);
    }
  }

  private static void cancelOverTls(Gateway gateway) throws Exception {
    try (RawClient client = RawClient.login(gateway.address())) {
      client.send(Messages.query("SELECT pg_sleep(60)"));
      while (!server
          .postgres()
          .sql("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'")
          .equals("1")) {
        Thread.sleep(20);
      }
      try (RawClient canceller = new RawClient(gateway.address())) {
        canceller.send(Messages.cancel(client.process, client.secret));
      }
      assertThat(client.untilReady(1)).contains("E:57014");
    }
  }

  @Test
  void recordsCutAnywhereAreReadAndHandshakesThatStopHarmNobody() throws Exception {
    try (Gateway gateway = gateway(access -> access.withClientTls(tls(TlsMode.PREFER)))) {
      List<RawClient> stuck = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        RawClient client = new RawClient(gateway.address());
        stuck.add(client);
        byte[] hello = new byte[6 + i];
        hello[0] = 0x16;
        hello[1] = 3;
        hello[2] = 1;
        hello[3] = 2;
        client.send(hello);
      }
      assertThat(psql(to(gateway, "app", "sslmode=require"), "app", "SELECT 1").output())
          .isEqualTo("1");
      for (RawClient client : stuck) {
        client.close();
      }
      var noise = new java.util.Random(5);
      for (int i = 0; i < 50; i++) {
        try (RawClient client = new RawClient(gateway.address())) {
          var bytes = new ByteArrayOutputStream();
          byte[] body = new byte[noise.nextInt(300)];
          noise.nextBytes(body);
          bytes.writeBytes(new byte[] {0x16, 3, 1, (byte) (body.length >> 8), (byte) body.length});
          bytes.writeBytes(body);
          client.send(bytes.toByteArray());
        }
      }
      assertThat(psql(to(gateway, "app", "sslmode=require"), "app", "SELECT 1").output())
          .isEqualTo("1");
    }
  }
}
