package io.pgfleet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

final class PoolRulesTest {
  @Test
  void theUsersWordCountsBeforeTheDatabases() {
    PoolRules rules =
        new PoolRules(
            PoolSettings.DEFAULTS,
            Map.of("d", PoolOverride.mode(PoolMode.SESSION).withMaxConnections(7)),
            Map.of("u", PoolOverride.mode(PoolMode.STATEMENT).withMaxConnections(3)));
    assertThat(rules.of("d", "x").poolMode()).isEqualTo(PoolMode.SESSION);
    assertThat(rules.of("x", "u").poolMode()).isEqualTo(PoolMode.STATEMENT);
    PoolSettings both = rules.of("d", "u");
    assertThat(both.poolMode()).isEqualTo(PoolMode.STATEMENT);
    assertThat(both.maxDbConnections()).isEqualTo(7);
    assertThat(both.maxUserConnections()).isEqualTo(3);
    assertThat(rules.of("x", "x")).isEqualTo(PoolSettings.DEFAULTS);
  }
}
