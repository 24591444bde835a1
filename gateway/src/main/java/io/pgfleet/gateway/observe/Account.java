package io.pgfleet.gateway.observe;

/** Whose figures they are. */
public record Account(String database, String user) implements Comparable<Account> {
  /** Stands for all that came after {@link Ledger} was full. */
  static final Account OTHERS = new Account("(others)", "(others)");

  @Override
  public int compareTo(Account other) {
    int byDatabase = database.compareTo(other.database);
    return byDatabase == 0 ? user.compareTo(other.user) : byDatabase;
  }
}
