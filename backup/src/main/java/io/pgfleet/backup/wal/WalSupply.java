package io.pgfleet.backup.wal;

/** What keeps an archive's WAL up to date while a server is the primary. */
public interface WalSupply extends AutoCloseable {
  /** Begins. */
  void start();

  /** How far it is. */
  ArchiverState state();

  /** Ends it; whoever comes next goes on where it was. */
  @Override
  void close();
}
