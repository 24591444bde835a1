package io.pgfleet.gateway.topology;

/** The servers of the fleet as they are now. Called from any thread; never blocks. */
public interface TopologySource {
  /** What is known now; the same object for as long as nothing has changed. */
  Topology current();

  /** Has the listener run after each change of {@link #current}. It returns at once. */
  void onChange(Runnable listener);
}
