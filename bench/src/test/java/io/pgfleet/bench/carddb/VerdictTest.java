package io.pgfleet.bench.carddb;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.bench.carddb.Audit.Findings;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;

final class VerdictTest {
  private static final Books BEFORE = new Books(500, 20);

  private final Promises promises = new Promises();
  private final BitSet present = new BitSet();
  private final Tally tally = new Tally();
  private int reconnects;

  private void acknowledged(boolean stored) {
    int sequence = promises.begin();
    promises.acknowledge(sequence);
    present.set(sequence, stored);
  }

  private Verdict judge(Books after, long strangers) {
    ClientReport report =
        new ClientReport(0, promises.acknowledged(), 1, 0, reconnects, Duration.ZERO);
    return Audit.judge(
        List.of(promises),
        List.of(report),
        BEFORE,
        new Findings(after, List.of(present), strangers),
        tally,
        Duration.ofMillis(1234));
  }

  @Test
  void allKeptIsSaidInOneLine() {
    acknowledged(true);
    acknowledged(true);
    Verdict verdict = judge(BEFORE, 0);
    assertThat(verdict.kept()).isTrue();
    assertThat(verdict.lines())
        .contains(
            "2 acknowledged writes, all present exactly once",
            "totals conserved: coins and copies of cards",
            "longest time without an acknowledged write: 1.23 s",
            "0 of 1 client had to reconnect; 0 errors, 1 operation retried, 0 failed again",
            "verdict: every promise was kept");
  }

  @Test
  void oneMissingWriteBreaksIt() {
    acknowledged(true);
    acknowledged(false);
    Verdict verdict = judge(BEFORE, 0);
    assertThat(verdict.kept()).isFalse();
    assertThat(verdict.missing()).isEqualTo(1);
    assertThat(verdict.lines()).contains("1 of 2 acknowledged writes MISSING");
  }

  @Test
  void totalsThatChangedBreakIt() {
    Verdict verdict = judge(new Books(499, 23), 0);
    assertThat(verdict.kept()).isFalse();
    assertThat(verdict.lines())
        .contains("totals NOT CONSERVED: coins off by -1, copies of cards off by 3");
  }

  @Test
  void writesUnderAnUnknownClientsNameBreakIt() {
    assertThat(judge(BEFORE, 1).kept()).isFalse();
  }

  @Test
  void aWriteThatCameThroughUnseenDoesNot() {
    present.set(promises.begin());
    Verdict verdict = judge(BEFORE, 0);
    assertThat(verdict.kept()).isTrue();
    assertThat(verdict.settledLate()).isEqualTo(1);
  }

  @Test
  void errorsAreListedTheMostFrequentFirst() {
    tally.error("rare");
    tally.error("often");
    tally.error("often");
    reconnects = 2;
    Verdict verdict = judge(BEFORE, 0);
    assertThat(verdict.lines()).containsSubsequence("  2 x often", "  1 x rare");
    assertThat(verdict.reconnected()).isEqualTo(1);
  }
}
