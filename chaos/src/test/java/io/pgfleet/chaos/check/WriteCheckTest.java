package io.pgfleet.chaos.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.chaos.check.Attempt.Outcome;
import io.pgfleet.chaos.check.Attempt.WriteKey;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WriteCheckTest {
  private static final List<Attempt> ATTEMPTS =
      List.of(
          new Attempt("a", 1, Outcome.ACKNOWLEDGED),
          new Attempt("a", 2, Outcome.FAILED),
          new Attempt("a", 3, Outcome.UNKNOWN),
          new Attempt("a", 4, Outcome.UNKNOWN),
          new Attempt("b", 1, Outcome.ACKNOWLEDGED));

  private static List<String> check(Map<WriteKey, Integer> rows) {
    return check(ATTEMPTS, rows);
  }

  private static List<String> check(List<Attempt> attempts, Map<WriteKey, Integer> rows) {
    Findings findings = new Findings();
    WriteCheck.check("append", attempts, rows, findings);
    return findings.all();
  }

  private static WriteKey key(String client, long sequence) {
    return new WriteKey(client, sequence);
  }

  @Test
  void aWriteOfUnknownOutcomeMayBeThereOrNot() {
    assertThat(check(Map.of(key("a", 1), 1, key("a", 3), 1, key("b", 1), 1))).isEmpty();
  }

  @Test
  void anAcknowledgedWriteThatIsLostIsFound() {
    assertThat(check(Map.of(key("a", 1), 1)))
        .containsExactly("append b/1 was acknowledged and is lost");
  }

  @Test
  void aWriteThatIsThereTwiceIsFound() {
    assertThat(check(Map.of(key("a", 1), 2, key("b", 1), 1)))
        .containsExactly("append a/1 is there 2 times");
    assertThat(check(Map.of(key("a", 1), 1, key("b", 1), 1, key("a", 4), 2)))
        .containsExactly("append a/4 is there 2 times");
  }

  @Test
  void aRefusedWriteThatIsThereIsFound() {
    assertThat(check(Map.of(key("a", 1), 1, key("b", 1), 1, key("a", 2), 1)))
        .containsExactly("append a/2 was refused and is there");
  }

  @Test
  void aRowThatNobodyWroteIsFound() {
    assertThat(check(Map.of(key("a", 1), 1, key("b", 1), 1, key("c", 9), 1)))
        .containsExactly("append c/9 is there and nobody wrote it");
  }

  @Test
  void aClientThatTriesTheSameTwiceIsFound() {
    List<Attempt> twice =
        List.of(new Attempt("a", 1, Outcome.UNKNOWN), new Attempt("a", 1, Outcome.ACKNOWLEDGED));
    assertThat(check(twice, Map.of(key("a", 1), 1)))
        .containsExactly("append a/1 was tried twice, which is a mistake of the client");
  }

  @Test
  void manyBrokenPromisesOfOneKindAreCountedAndThoseOfTheNextStillTold() {
    Findings findings = new Findings();
    for (int i = 0; i < 100; i++) {
      findings.add("lost " + i);
    }
    findings.nextRule();
    findings.add("two writers");
    assertThat(findings.all()).contains("lost 0", "two writers", "and 80 more").hasSize(22);
  }
}
