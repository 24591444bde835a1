package io.pgfleet.chaos.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.chaos.check.BankCheck.Transfer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BankCheckTest {
  private static final Map<Integer, Long> OPENING = Map.of(1, 100L, 2, 100L, 3, 100L);

  private static List<String> check(Map<Integer, Long> balances, Transfer... ledger) {
    Findings findings = new Findings();
    BankCheck.check(OPENING, balances, List.of(ledger), findings);
    return findings.all();
  }

  @Test
  void balancesThatFollowFromTheLedgerAreRight() {
    assertThat(
            check(Map.of(1, 70L, 2, 120L, 3, 110L), new Transfer(1, 2, 30), new Transfer(2, 3, 10)))
        .isEmpty();
  }

  @Test
  void moneyThatWentIsFound() {
    assertThat(check(Map.of(1, 70L, 2, 100L, 3, 100L), new Transfer(1, 2, 30)))
        .contains("all accounts together held 300 and now hold 270")
        .contains("account 2 holds 100, and by the ledger it is 130");
  }

  @Test
  void aTransferWithoutItsRowInTheLedgerIsFoundAlthoughTheSumIsRight() {
    assertThat(check(Map.of(1, 70L, 2, 130L, 3, 100L)))
        .containsExactlyInAnyOrder(
            "account 1 holds 70, and by the ledger it is 100",
            "account 2 holds 130, and by the ledger it is 100");
  }

  @Test
  void aRowInTheLedgerWithoutItsTransferIsFound() {
    assertThat(check(OPENING, new Transfer(1, 2, 5))).hasSize(2);
  }

  @Test
  void anAccountThatIsGoneIsFound() {
    assertThat(check(Map.of(1, 150L, 2, 150L), new Transfer(3, 1, 50), new Transfer(3, 2, 50)))
        .containsExactly("account 3 is gone");
  }
}
