package io.pgfleet.bench.failover;

import io.pgfleet.bench.Target;
import java.io.IOException;

/**
 * Three servers on hosts of their own, with what guards them, behind one address. Hosts of data are
 * numbered from 1.
 */
interface Cluster extends AutoCloseable {
  /** With its version. */
  String name();

  /** How it was set up, where that matters for the figures. */
  String settings();

  /** The address of applications. */
  Target target();

  /** A superuser's way straight to the server of a host, to the same database. */
  Target server(int host);

  /** The number of the host whose server is the primary; 0 if there is none now. */
  int primary() throws InterruptedException;

  /** Whether there is a primary, and two standbys stream from it. */
  boolean isWhole() throws InterruptedException;

  /**
   * Does by hand what makes a cluster whole that does not become so by itself.
   *
   * @return what was done; empty if nobody should have to do anything
   */
  default String repair() throws InterruptedException {
    return "";
  }

  /** Kills the postmaster of a host with SIGKILL and nothing else; false if there is none. */
  boolean killPostmaster(int host);

  /** The host is gone, and nobody is told. */
  void loseHost(int host) throws IOException;

  /** The host comes back as after a power failure. */
  void bringBack(int host) throws IOException, InterruptedException;

  /** Sends a signal to every process of a host. */
  void signalHost(int host, String signal) throws IOException;

  /** Moves the primary away, and returns when that was done or refused. */
  void switchover() throws IOException, InterruptedException;

  @Override
  void close();
}
