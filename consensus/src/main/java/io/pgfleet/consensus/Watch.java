package io.pgfleet.consensus;

/** A standing wish to hear of changes; ends when closed or with its {@link Agreement}. */
public interface Watch extends AutoCloseable {
  /** Ends the watch. A call that is under way on another thread is not waited for. */
  @Override
  void close();
}
