package io.pgfleet.bench.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.bench.Target;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class PeerFilesTest {
  private static final Target SERVER = new Target("127.0.0.1", 5441, "bench", "be\"nch", "secret");
  private static final Pooling POOLING = new Pooling(SERVER, "SCRAM-SHA-256$4096:x$y:z", 16, 900);

  @Test
  void pgbouncerGetsTheVerifierAndNotThePassword() {
    assertThat(PgBouncer.users(POOLING)).isEqualTo("\"be\"\"nch\" \"SCRAM-SHA-256$4096:x$y:z\"\n");
  }

  @Test
  void preparedStatementsAreAskedForOnlyWherePgbouncerKnowsThem() {
    assertThat(PgBouncer.Version.parse("PgBouncer 1.18.0\nlibevent 2.1"))
        .isEqualTo(new PgBouncer.Version("1.18", false));
    assertThat(PgBouncer.Version.parse("PgBouncer 1.21.0").prepared()).isTrue();
    assertThat(PgBouncer.Version.parse("PgBouncer 2.0").prepared()).isTrue();
    assertThat(PgBouncer.Version.parse("?").prepared()).isFalse();
    assertThat(PgBouncer.settings(POOLING, 1, Path.of("u"), false))
        .doesNotContain("max_prepared_statements")
        .contains("default_pool_size = 16", "max_client_conn = 900", "pool_mode = transaction");
  }

  @Test
  void allStandBeforeTheSameServer() {
    assertThat(PgBouncer.settings(POOLING, 7000, Path.of("u"), true))
        .contains("bench = host=127.0.0.1 port=5441", "listen_port = 7000");
    assertThat(HaProxy.settings(7001, 7000, 900))
        .contains("bind 127.0.0.1:7001", "server one 127.0.0.1:7000");
    assertThat(Pgpool.settings(POOLING, 7002, 7003, Path.of("/f")))
        .contains("backend_port0 = 5441", "port = 7002", "num_init_children = 210");
  }

  @Test
  void processorTimeIsReadBehindANameWithAnything() {
    String stat = "7 (a) b (c) S 1 7 7 0 -1 4194560 1 0 0 0 150 50 30 20 20 0 1 0 9";
    assertThat(ProcessUse.parse(stat, false)).isEqualTo(Duration.ofSeconds(2));
    assertThat(ProcessUse.parse(stat, true)).isEqualTo(Duration.ofMillis(2500));
    assertThat(ProcessUse.parseEndedChildren(stat)).isEqualTo(Duration.ofMillis(500));
  }

  @Test
  void sizesAreReadInKibibytes() {
    String text = "00400000-7fff [rollup]\nRss:   5120 kB\nPss:    2048 kB\nPss_Anon: 1 kB\n";
    assertThat(ProcessUse.size(text, "Rss:")).hasValue(5120 * 1024);
    assertThat(ProcessUse.size(text, "Pss:")).hasValue(2048 * 1024);
    assertThat(ProcessUse.size(text, "Swap:")).isEmpty();
  }
}
