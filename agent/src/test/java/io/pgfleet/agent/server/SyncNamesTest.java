package io.pgfleet.agent.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.consensus.group.SyncSet;
import io.pgfleet.spec.NodeName;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SyncNamesTest {
  private static final NodeName A = new NodeName("a");
  private static final NodeName B = new NodeName("b_2");
  private static final String NEAR = ArchiveStandby.nameOf("near");
  private static final Optional<SyncNames.Archive> ARCHIVE =
      Optional.of(new SyncNames.Archive(NEAR, false, Set.of()));

  private static Optional<SyncNames.Archive> always(NodeName... streaming) {
    return Optional.of(new SyncNames.Archive(NEAR, true, Set.of(streaming)));
  }

  @Test
  void whatASetWritesIsReadBack() {
    for (int acknowledging = 1; acknowledging <= 2; acknowledging++) {
      SyncSet set = SyncSet.of(List.of(A, B), acknowledging);
      assertThat(written(set, Optional.empty())).isEqualTo(new SyncNames(set, List.of()));
      assertThat(written(set, ARCHIVE)).isEqualTo(new SyncNames(set, List.of(NEAR)));
      assertThat(written(set, always(B))).isEqualTo(new SyncNames(set, List.of(NEAR)));
    }
    assertThat(written(SyncSet.NONE, Optional.empty()))
        .isEqualTo(new SyncNames(SyncSet.NONE, List.of()));
    assertThat(written(SyncSet.NONE, ARCHIVE))
        .isEqualTo(new SyncNames(SyncSet.NONE, List.of(NEAR)));
  }

  private static SyncNames written(SyncSet set, Optional<SyncNames.Archive> archive) {
    return SyncNames.parse(SyncNames.write(set, archive));
  }

  @Test
  void theArchiveComesFirstAndIsWaitedForBesideTheNodes() {
    assertThat(SyncNames.write(SyncSet.of(List.of(A, B), 1), ARCHIVE))
        .isEqualTo("FIRST 2 (\"pgfleet archive near\", \"a\", \"b_2\")");
    assertThat(SyncNames.write(SyncSet.NONE, ARCHIVE))
        .isEqualTo("FIRST 1 (\"pgfleet archive near\")");
  }

  @Test
  void whoeverIsNamedIsNeededWhereNoCommitMayDoWithoutTheArchive() {
    SyncSet one = SyncSet.of(List.of(A, B), 1);
    assertThat(SyncNames.write(one, always(A, B)))
        .isEqualTo("FIRST 2 (\"pgfleet archive near\", \"a\", \"-b_2\")");
    assertThat(SyncNames.write(one, always(B)))
        .isEqualTo("FIRST 2 (\"pgfleet archive near\", \"-a\", \"b_2\")");
    assertThat(SyncNames.write(one, always()))
        .isEqualTo("FIRST 2 (\"pgfleet archive near\", \"a\", \"-b_2\")");
    assertThat(SyncNames.write(SyncSet.of(List.of(A, B), 2), always()))
        .isEqualTo("FIRST 3 (\"pgfleet archive near\", \"a\", \"b_2\")");
    assertThat(SyncNames.write(SyncSet.NONE, always(A)))
        .isEqualTo("FIRST 1 (\"pgfleet archive near\")");
  }

  @Test
  void spacesAndQuotesDoNotMatter() {
    assertThat(SyncNames.parse(" ANY  2 ( \"a\" ,b_2 ) ").nodes())
        .isEqualTo(SyncSet.of(List.of(A, B), 2));
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
        "ANY 99999 (a)",
        "ANY 2 (\"pgfleet archive near\", a)",
        "FIRST 1 (\"pgfleet archive near\", a)",
        "FIRST 3 (\"pgfleet archive near\", a)",
        "FIRST 3 (\"pgfleet archive near\", \"pgfleet archive far\", a)"
      })
  void anyOtherFormProtectsNothing(String value) {
    assertThat(SyncNames.parse(value).nodes()).isEqualTo(SyncSet.NONE);
  }
}
