package io.pgfleet.agent.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.consensus.group.SyncSet;
import io.pgfleet.spec.NodeName;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SyncNamesTest {
  private static final NodeName A = new NodeName("a");
  private static final NodeName B = new NodeName("b_2");

  @Test
  void whatASetWritesIsReadBack() {
    for (int acknowledging = 1; acknowledging <= 2; acknowledging++) {
      SyncSet set = SyncSet.of(List.of(A, B), acknowledging);
      assertThat(SyncNames.parse(set.standbyNames())).isEqualTo(set);
    }
    assertThat(SyncNames.parse(SyncSet.NONE.standbyNames())).isEqualTo(SyncSet.NONE);
  }

  @Test
  void spacesAndQuotesDoNotMatter() {
    assertThat(SyncNames.parse(" ANY  2 ( \"a\" ,b_2 ) ")).isEqualTo(SyncSet.of(List.of(A, B), 2));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "*",
        "a",
        "a, b_2",
        "FIRST 1 (a)",
        "ANY 1 (*)",
        "ANY 0 (a)",
        "ANY 3 (a, b_2)",
        "ANY 1 ()",
        "ANY 1 (a,)",
        "ANY 1 (A-B)",
        "ANY 99999 (a)"
      })
  void anyOtherFormProtectsNothing(String value) {
    assertThat(SyncNames.parse(value)).isEqualTo(SyncSet.NONE);
  }
}
