package io.pgfleet.gateway;

import static io.pgfleet.gateway.Psql.psql;
import static io.pgfleet.gateway.Psql.to;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgfleet.gateway.Psql.Result;
import io.pgfleet.gateway.auth.AuthSettings;
import io.pgfleet.gateway.message.Messages;
import io.pgfleet.gateway.tls.ClientTlsSettings;
import io.pgfleet.gateway.tls.TestCertificates;
import io.pgfleet.gateway.tls.TlsMode;
import io.pgfleet.gateway.transport.Networks;
import io.pgfleet.gateway.transport.UnixSocketSettings;
import io.pgfleet.testkit.FreePorts;
import io.pgfleet.wire.Protocol;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rules and ways of logging in, with psql and a client of our own. */
final class SecurityIT {
  private static final String SYSTEM_USER = System.getProperty("user.name");

  @TempDir private static Path folder;

  private static AppServer server;
  private static TestCertificates authority;

  @BeforeAll
  static void start() throws Exception {
    server = AppServer.create();
    server
        .postgres()
        .sql("SET password_encryption = 'md5'; CREATE ROLE old LOGIN PASSWORD 'old password'");
    server.postgres().sql("CREATE ROLE staff; CREATE ROLE boss LOGIN PASSWORD 'b' IN ROLE staff");
    Path data = server.postgres().server().data().path();
    Path hba = data.resolve("pg_hba.conf");
    Files.writeString(
        hba,
        "host all old 127.0.0.1/32 md5\nhost all free 127.0.0.1/32 trust\n"
            + Files.readString(hba));
    server.postgres().sql("CREATE ROLE free LOGIN; SELECT pg_reload_conf()");
    authority = TestCertificates.authority(folder, "ca");
    authority.sign("gate", "/CN=localhost", "DNS:localhost,IP:127.0.0.1");
    authority.sign("app", "/CN=app", "");
    authority.sign("joe", "/O=People/CN=joe", "");
    TestCertificates.authority(folder, "stranger").sign("forged", "/CN=app", "");
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

  private static String certificate(String name) {
    return "sslcert=" + folder.resolve(name + ".crt") + " sslkey=" + folder.resolve(name + ".key");
  }

  @Test
  void aCertificateLogsInWhomItNames() throws Exception {
    Path maps = folder.resolve("ident.conf");
    Files.writeString(maps, "people joe app\n");
    AuthSettings rules =
        AuthSettings.DEFAULT
            .withHba("hostssl all boss all cert", "hostssl all all all cert map=people")
            .withIdentFile(maps);
    AuthSettings both =
        AuthSettings.DEFAULT.withHba("hostssl all all all scram-sha-256 clientcert=verify-full");
    ClientTlsSettings asking = tls(TlsMode.REQUIRE).withAuthorities(authority.file());
    Path secrets = folder.resolve("secrets.txt");
    Files.writeString(secrets, "; servers\n\"app\" \"app\"\n");
    try (Gateway gateway =
        gateway(access -> access.withClientTls(asking).withAuth(rules.withUserSecrets(secrets)))) {
      assertThat(
              psql(to(gateway, "app", verified() + certificate("joe")), "", "SELECT current_user"))
          .isEqualTo(new Result(0, "app"));
      assertThat(psql(to(gateway, "app", verified() + certificate("app")), "", "SELECT 1").output())
          .contains("certificate authentication failed for user \"app\"");
      assertThat(psql(to(gateway, "app", verified()), "", "SELECT 1").output())
          .contains("requires a valid client certificate");
      assertThat(
              psql(to(gateway, "app", verified() + certificate("forged")), "", "SELECT 1").code())
          .isNotZero();
      gateway.reloadAccess(AccessSettings.DEFAULT.withClientTls(asking).withAuth(both));
      assertThat(
              psql(to(gateway, "app", verified() + certificate("app")), "app", "SELECT 1").output())
          .isEqualTo("1");
      assertThat(
              psql(to(gateway, "app", verified() + certificate("joe")), "app", "SELECT 1").output())
          .contains("certificate authentication failed");
    }
  }

  @Test
  void theUnixSocketTellsWhoIsThere() throws Exception {
    int port = FreePorts.one();
    UnixSocketSettings socket = new UnixSocketSettings(folder, port, 0777);
    Path maps = folder.resolve("peers.conf");
    Files.writeString(maps, "here " + SYSTEM_USER + " app\n");
    AuthSettings rules =
        AuthSettings.DEFAULT
            .withHba("local all boss scram-sha-256", "local all all peer map=here")
            .withIdentFile(maps);
    Files.createFile(socket.file().resolveSibling("plain"));
    UnaryOperator<AccessSettings> change = access -> access.withUnixSocket(socket).withAuth(rules);
    String where = "host=" + folder + " port=" + port + " dbname=app user=";
    try (Gateway gateway = gateway(change)) {
      Result strange = psql(where + "app", "", "SELECT 1");
      assertThat(strange.output()).contains("asks for the password of user \"app\"");
      assertThat(psql(where + "boss", "b", "SELECT current_user").output()).isEqualTo("boss");
      assertThat(psql(where + "old", "", "SELECT 1").output())
          .contains("Peer authentication failed for user \"old\"");
      assertThatThrownBy(() -> gateway(change).close()).hasMessageContaining("holds its lock");
      while (gateway.status().clients() > 0) {
        Thread.sleep(20);
      }
    }
    assertThat(socket.file()).doesNotExist();
    // what a killed process leaves
    try (var left =
        java.nio.channels.ServerSocketChannel.open(java.net.StandardProtocolFamily.UNIX)) {
      left.bind(java.net.UnixDomainSocketAddress.of(socket.file()));
      assertThatThrownBy(() -> gateway(change).close()).hasMessageContaining("another server");
    }
    assertThat(socket.file()).exists();
    Path secrets = folder.resolve("peer-secrets.txt");
    Files.writeString(secrets, "\"app\" \"app\"\n");
    try (Gateway gateway =
        gateway(access -> change.apply(access).withAuth(rules.withUserSecrets(secrets)))) {
      assertThat(psql(where + "app", "", "SELECT current_user").output()).isEqualTo("app");
      assertThat(gateway.address().getPort()).isPositive();
    }
  }

  @Test
  void oldPasswordsWorkOnlyWhereARuleSaysSo() throws Exception {
    AuthSettings off = AuthSettings.DEFAULT;
    AuthSettings md5 = AuthSettings.DEFAULT.withHba("host all all all md5");
    AuthSettings clear = AuthSettings.DEFAULT.withHba("host all all all password");
    try (Gateway gateway = gateway(access -> access.withAuth(off))) {
      assertThat(psql(to(gateway, "old", ""), "old password", "SELECT 1").output())
          .contains("password authentication failed");
      gateway.reloadAccess(AccessSettings.DEFAULT.withAuth(md5));
      assertThat(psql(to(gateway, "old", ""), "old password", "SELECT current_user").output())
          .isEqualTo("old");
      assertThat(psql(to(gateway, "old", ""), "wrong", "SELECT 1").output())
          .contains("password authentication failed for user \"old\"");
      assertThat(psql(to(gateway, "app", ""), "app", "SELECT current_user").output())
          .isEqualTo("app");
      gateway.reloadAccess(AccessSettings.DEFAULT.withAuth(clear));
      assertThat(psql(to(gateway, "old", ""), "old password", "SELECT 1").output()).isEqualTo("1");
      assertThat(psql(to(gateway, "boss", ""), "b", "SELECT 1").output()).isEqualTo("1");
      for (String user : new String[] {"boss", "nobody"}) {
        assertThat(psql(to(gateway, user, ""), "wrong", "SELECT 1").output())
            .contains("password authentication failed for user \"" + user + "\"");
      }
    }
  }

  @Test
  void rolesAddressesAndTrustDecide() throws Exception {
    AuthSettings rules =
        AuthSettings.DEFAULT.withHba(
            "host all +staff 127.0.0.1/32 scram-sha-256",
            "host all free samehost trust",
            "host all old 0.0.0.0/0 reject");
    try (Gateway gateway = gateway(access -> access.withAuth(rules))) {
      assertThat(psql(to(gateway, "boss", ""), "b", "SELECT 1").output()).isEqualTo("1");
      assertThat(psql(to(gateway, "free", ""), "", "SELECT current_user").output())
          .isEqualTo("free");
      assertThat(psql(to(gateway, "app", ""), "app", "SELECT 1").output())
          .contains("no pg_hba.conf entry for host \"127.0.0.1\", user \"app\", database \"app\"");
      assertThat(psql(to(gateway, "old", ""), "x", "SELECT 1").output())
          .contains("pg_hba.conf rejects connection");
    }
  }

  @Test
  void badRulesStopTheStartWithAllMistakes() {
    AuthSettings rules = AuthSettings.DEFAULT.withHba("host all all all ldap", "hots all");
    assertThatThrownBy(() -> gateway(access -> access.withAuth(rules)).close())
        .hasMessageContaining(":1:18: the gateway has no method ldap")
        .hasMessageContaining(":2:1: \"hots\" is no type of connection");
  }

  private static byte[] proxied(String hex) {
    return java.util.HexFormat.of().parseHex("0d0a0d0a000d0a515549540a2111000c" + hex);
  }

  @Test
  void aTrustedProxyTellsTheClientsAddress() throws Exception {
    AuthSettings rules =
        AuthSettings.DEFAULT.withHba(
            "host all all 198.51.100.0/24 scram-sha-256", "host all all all reject");
    try (Gateway gateway =
        gateway(access -> access.withAuth(rules).withProxies(Networks.of("127.0.0.0/8")))) {
      try (RawClient client = new RawClient(gateway.address())) {
        client.send(proxied("c6336407" + "0a000001" + "1f90" + "1538"));
        client.startup("app", "app");
        assertThat(client.authenticate("app")).isEqualTo("ZI");
        client.query("LISTEN x");
        assertThat(gateway.status().clients()).isEqualTo(1);
      }
      try (RawClient client = new RawClient(gateway.address())) {
        client.send(proxied("cb007107" + "0a000001" + "1f90" + "1538"));
        client.startup("app", "app");
        assertThat(client.read().report().message()).contains("host \"203.0.113.7\"");
      }
      try (RawClient client = new RawClient(gateway.address())) {
        client.startup("app", "app");
        assertThat(client.read().report().message()).contains("PROXY protocol's version 2");
      }
      try (RawClient client = new RawClient(gateway.address())) {
        client.send(
            "PROXY TCP4 1.1.1.1 2.2.2.2 1 2\r\n"
                .getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        assertThat(client.read().report().message()).contains("version 1");
      }
    }
    try (Gateway gateway = gateway(access -> access);
        RawClient client = new RawClient(gateway.address())) {
      client.send(proxied("c6336407" + "0a000001" + "1f90" + "1538"));
      assertThat(client.read().report().message()).contains("none of the gateway's proxies");
    }
  }

  @Test
  void failedLoginsOfAnAddressAreBounded() throws Exception {
    AuthSettings strict = AuthSettings.DEFAULT.withFailures(3, 1);
    try (Gateway gateway = gateway(access -> access.withAuth(strict))) {
      for (int i = 0; i < 3; i++) {
        try (RawClient client = new RawClient(gateway.address())) {
          client.startup(i == 1 ? "nobody" : "app", "app");
          assertThat(client.authenticate("wrong")).isEqualTo("E:28P01");
        }
      }
      try (RawClient client = new RawClient(gateway.address())) {
        client.startup("app", "app");
        assertThat(client.read().report().message()).contains("too many failed logins");
      }
    }
  }

  @Test
  void protocol32HasLongCancelKeysThatCancel() throws Exception {
    try (Gateway gateway = gateway(access -> access);
        RawClient client = new RawClient(gateway.address())) {
      client.startup(Protocol.VERSION_3_2, "app", "app");
      assertThat(client.authenticate("app")).isEqualTo("ZI");
      assertThat(client.secret).hasSize(32);
      client.send(Messages.query("SELECT pg_sleep(60)"));
      byte[] wrong = client.secret.clone();
      wrong[31] ^= 1;
      while (!server
          .postgres()
          .sql("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'")
          .equals("1")) {
        Thread.sleep(20);
      }
      for (byte[] key : List.of(wrong, new byte[4], client.secret)) {
        try (RawClient canceller = new RawClient(gateway.address())) {
          canceller.send(Messages.cancel(client.process, key));
          assertThat(canceller.atEnd()).isTrue();
        }
      }
      assertThat(client.untilReady(1)).containsExactly("T", "E:57014", "ZI");
      assertThat(gateway.status().totals().cancels()).isEqualTo(1);
    }
    try (Gateway gateway = gateway(access -> access);
        RawClient newer = new RawClient(gateway.address())) {
      newer.startup(3 << 16 | 9, "app", "app");
      RawClient.Message negotiation = newer.read();
      assertThat(negotiation.type()).isEqualTo('v');
      assertThat(ByteBuffer.wrap(negotiation.body()).getInt()).isEqualTo(Protocol.VERSION_3_2);
      assertThat(newer.authenticate("app")).isEqualTo("ZI");
      assertThat(newer.secret).hasSize(32);
    }
  }
}
