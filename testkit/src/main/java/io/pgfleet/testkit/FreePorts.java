package io.pgfleet.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * TCP ports of the loopback address on which nothing listens. They lie below the range from which
 * systems take the ports of outgoing connections, so that none of those takes one meanwhile; a
 * node's agent listens 2000 above its server by itself, which is below that range, too, and is kept
 * free along with each port. No port is given out twice: who asked first may not listen yet.
 */
public final class FreePorts {
  private static final int FIRST = 15_000;
  private static final int END = 30_000;
  private static final int ATTEMPTS = 1000;

  /** From a server's port to its agent's. */
  private static final int AGENT = 2000;

  private static final Set<Integer> GIVEN = new HashSet<>();

  private FreePorts() {}

  /** One port. */
  public static int one() {
    return several(1).getFirst();
  }

  /** Ports that differ from one another. */
  public static synchronized List<Integer> several(int count) {
    List<Integer> found = new ArrayList<>();
    for (int i = 0; i < ATTEMPTS && found.size() < count; i++) {
      int port = ThreadLocalRandom.current().nextInt(FIRST, END);
      if (isNew(port) && isNew(port + AGENT)) {
        GIVEN.add(port);
        GIVEN.add(port + AGENT);
        found.add(port);
      }
    }
    if (found.size() < count) {
      throw new IllegalStateException("this machine has no " + count + " free ports");
    }
    return found;
  }

  private static boolean isNew(int port) {
    return !GIVEN.contains(port) && isFree(port);
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1);
      return true;
    } catch (java.net.BindException e) {
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
