package io.pgfleet.deploy.front;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgfleet.deploy.DeployException;
import io.pgfleet.spec.FleetSpec;
import io.pgfleet.spec.HostPort;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PgBouncerTest {
  private static final HostPort HERE = new HostPort("127.0.0.1", 6433);
  private static final HostPort GATEWAY = new HostPort("10.0.0.8", 6432);

  @TempDir Path folder;

  private static String text(FleetSpec spec, Optional<HostPort> reads) {
    return new PgBouncer(spec, HERE, GATEWAY, reads, Path.of("/etc/pgbouncer/userlist.txt")).text();
  }

  @Test
  void databasesUsersLimitsAndTimesAreThoseOfTheGateway() throws Exception {
    FleetSpec spec =
        Fleets.of(
            folder,
            """
            users: { web: { password: { env: SECRET_WORD } } }
            databases: { app: { owner: web } }
            gateway:
              pool_mode: session
              default_pool_size: 7
              query_timeout: 1500ms
              databases: { app: { pool_mode: transaction, pool_size: 9, max_db_connections: 11 }, other-one: { pool_size: 3 } }
              users: { web: { pool_mode: statement, max_user_connections: 12 } }
            """);
    List<String> lines = text(spec, Optional.empty()).lines().toList();
    assertThat(lines)
        .contains(
            "app = host=10.0.0.8 port=6432 dbname=app pool_mode=transaction pool_size=9"
                + " max_db_connections=11",
            "other-one = host=10.0.0.8 port=6432 dbname=other-one pool_size=3",
            "* = host=10.0.0.8 port=6432",
            "web = pool_mode=statement max_user_connections=12",
            "pool_mode = session",
            "default_pool_size = 7",
            "query_timeout = 1.5",
            "auth_type = scram-sha-256")
        .noneMatch(line -> line.contains("SECRET_WORD"));
  }

  @Test
  void readsMayHaveAPlaceOfTheirOwn() throws Exception {
    assertThat(text(Fleets.of(folder, ""), Optional.of(new HostPort("10.0.0.8", 5001))).lines())
        .contains("app_read = host=10.0.0.8 port=5001 dbname=app");
  }

  @Test
  void aNameThatWouldNeedQuotesIsRefused() throws Exception {
    FleetSpec spec = Fleets.of(folder, "gateway: { users: { 'a b': { pool_mode: session } } }");
    assertThatThrownBy(() -> text(spec, Optional.empty()))
        .isInstanceOf(DeployException.class)
        .hasMessageContaining("'a b' can't be written");
  }

  @Test
  void itDoesNotConnectToItself() {
    assertThatThrownBy(() ->
            new PgBouncer(
                Fleets.of(folder, ""), HERE, HERE, Optional.empty(), Path.of("/userlist.txt")))
        .isInstanceOf(DeployException.class)
        .hasMessageContaining("connect to itself");
  }
}
