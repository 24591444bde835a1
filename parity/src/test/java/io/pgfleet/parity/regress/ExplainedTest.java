package io.pgfleet.parity.regress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgfleet.parity.ParityException;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ExplainedTest {
  private static final String LIST =
      """
      # a comment
      reason known pgbouncer=same
        One sentence,
        on two lines.

      == guc known
      -before
      +after

      == temp known
      -gone
      """;

  @Test
  void aDifferenceIsExplainedOnlyInItsTestAndWithAllItsLines() {
    Explained list = Explained.parse(LIST, "list");
    assertThat(list.reason("guc", hunk("-before", "+after")))
        .hasValueSatisfying(reason -> {
          assertThat(reason.text()).isEqualTo("One sentence, on two lines.");
          assertThat(reason.pgbouncer()).isEqualTo(Explained.Elsewhere.SAME);
        });
    assertThat(list.reason("guc", hunk("-before"))).isEmpty();
    assertThat(list.reason("date", hunk("-before", "+after"))).isEmpty();
  }

  @Test
  void anEntryThatWasNotSeenIsToldUnlessItsTestWasNotRun() {
    Explained list = Explained.parse(LIST, "list");
    list.reason("guc", hunk("-before", "+after"));
    assertThat(list.stale(List.of("guc"))).isEmpty();
    assertThat(list.stale(List.of("guc", "temp")))
        .extracting(Explained.Entry::test)
        .containsExactly("temp");
  }

  @Test
  void anEntryWithoutAReasonIsRefused() {
    assertThatThrownBy(() -> Explained.parse("== guc unknown\n-x\n", "list"))
        .isInstanceOf(ParityException.class)
        .hasMessageContaining("list, line 1");
    assertThatThrownBy(() -> Explained.parse("nonsense\n", "list"))
        .hasMessageContaining("list, line 1");
    assertThatThrownBy(() -> Explained.parse("reason r pgbouncer=perhaps\n", "list"))
        .hasMessageContaining("same, other or none");
  }

  @Test
  void theListsOfThisProgramAreWellFormed() {
    for (Route route : List.of(Route.SESSION, Route.TRANSACTION)) {
      assertThat(Explained.of(route, 15).size()).isPositive();
    }
  }

  private static Hunk hunk(String... lines) {
    return new Hunk(1, 2, List.of(lines));
  }
}
