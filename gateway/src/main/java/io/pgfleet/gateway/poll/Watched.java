package io.pgfleet.gateway.poll;

/** A socket that a {@link Poller} watches. For the poller's thread. */
public interface Watched extends Transport {
  /** What is asked about now, as in {@link java.nio.channels.SelectionKey}. */
  int interest();

  /** Asks about other operations from the next wait on. */
  void interest(int operations);

  /** It is watched still. */
  boolean valid();

  /** Watches it no more. */
  void cancel();
}
