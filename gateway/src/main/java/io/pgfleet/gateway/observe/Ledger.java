package io.pgfleet.gateway.observe;

import java.util.HashMap;
import java.util.Map;

/** The figures of one loop, by account; bounded, as every account costs memory and a scrape. */
public final class Ledger {
  private static final int CAPACITY = 1000;

  private final Map<Account, Figures> figures = new HashMap<>();

  /** The figures of an account, made at its first use. */
  public Figures of(String database, String user) {
    Account account = new Account(database, user);
    Figures known = figures.get(account);
    if (known != null) {
      return known;
    }
    Account kept = figures.size() < CAPACITY ? account : Account.OTHERS;
    return figures.computeIfAbsent(kept, absent -> new Figures());
  }

  /** Copies of all figures as of now. */
  public Map<Account, Figures> copy() {
    Map<Account, Figures> copies = new HashMap<>();
    figures.forEach((account, of) -> copies.put(account, of.copy()));
    return copies;
  }
}
