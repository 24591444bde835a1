package io.pgfleet.chaos.check;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/** Whether accounts and ledger agree, and no money came or went. */
public final class BankCheck {
  private BankCheck() {}

  /** What a row of the ledger moved. */
  public record Transfer(int source, int target, long amount) {}

  /**
   * Checks.
   *
   * @param opening what each account held at first
   * @param balances what each holds in the end
   * @param ledger every transfer that the ledger tells of
   */
  public static void check(
      Map<Integer, Long> opening,
      Map<Integer, Long> balances,
      Collection<Transfer> ledger,
      Findings findings) {
    findings.nextRule();
    long before = sum(opening);
    long after = sum(balances);
    if (before != after) {
      findings.add("all accounts together held " + before + " and now hold " + after);
    }
    Map<Integer, Long> due = new HashMap<>(opening);
    for (Transfer transfer : ledger) {
      due.merge(transfer.source(), -transfer.amount(), Long::sum);
      due.merge(transfer.target(), transfer.amount(), Long::sum);
    }
    due.forEach((account, amount) -> {
      Long held = balances.get(account);
      if (held == null) {
        findings.add("account " + account + " is gone");
      } else if (!held.equals(amount)) {
        findings.add(
            "account " + account + " holds " + held + ", and by the ledger it is " + amount);
      }
    });
  }

  private static long sum(Map<Integer, Long> balances) {
    return balances.values().stream().mapToLong(Long::longValue).sum();
  }
}
