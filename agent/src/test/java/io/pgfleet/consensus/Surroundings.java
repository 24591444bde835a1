package io.pgfleet.consensus;

import java.util.random.RandomGenerator;

/** The simulated time and network around one client of the {@link MemoryConsensus}. */
public interface Surroundings extends Ticker {
  /** The seeded randomness of the whole simulation. */
  RandomGenerator random();

  /** Lets something happen later, whatever becomes of the client. */
  void after(long nanos, Runnable what);

  /** Lets time pass in the middle of a client's call. */
  void pause(long nanos);

  /** Whether client and consensus can speak now, in both directions. */
  boolean reachable();

  /** Whether the client's process is there and not frozen. */
  boolean awake();

  /** Whether the client's process is there, frozen or not. */
  boolean alive();
}
