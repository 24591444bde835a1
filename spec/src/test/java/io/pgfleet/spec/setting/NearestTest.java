package io.pgfleet.spec.setting;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NearestTest {
  private static final List<String> KEYS = List.of("host", "port", "pool_mode", "region");

  @Test
  void countsInsertionsDeletionsReplacementsAndSwaps() {
    assertThat(Nearest.distance("", "abc")).isEqualTo(3);
    assertThat(Nearest.distance("port", "port")).isZero();
    assertThat(Nearest.distance("prot", "port")).isEqualTo(1);
    assertThat(Nearest.distance("pool", "polls")).isEqualTo(2);
  }

  @Test
  void findsTheWordThatWasMeant() {
    assertThat(Nearest.of("prot", KEYS)).contains("port");
    assertThat(Nearest.of("POOL-MODE", KEYS)).contains("pool_mode");
    assertThat(Nearest.of("poolmod", KEYS)).contains("pool_mode");
    assertThat(Nearest.of("hosts", KEYS)).contains("host");
  }

  @Test
  void findsNoneWhereNoneIsNear() {
    assertThat(Nearest.of("x", KEYS)).isEmpty();
    assertThat(Nearest.of("zookeeper", KEYS)).isEmpty();
    assertThat(Nearest.of("port".repeat(1000), KEYS)).isEmpty();
  }
}
