package io.pgfleet.bench.fleet;

import io.pgfleet.bench.BenchException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports of the loopback address on which nothing listens, below the range that systems give to
 * outgoing connections.
 */
public final class LoopbackPorts {
  private static final int FIRST = 15_000;
  private static final int END = 32_000;
  private static final int ATTEMPTS = 1000;

  private LoopbackPorts() {}

  /**
   * Ports that differ from one another.
   *
   * @throws BenchException if there are not so many
   */
  public static List<Integer> free(int count) {
    Set<Integer> found = new LinkedHashSet<>();
    for (int i = 0; i < ATTEMPTS && found.size() < count; i++) {
      int port = ThreadLocalRandom.current().nextInt(FIRST, END);
      try (ServerSocket socket = new ServerSocket()) {
        socket.setReuseAddress(true);
        socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1);
        found.add(port);
      } catch (IOException ignored) {
        // taken
      }
    }
    if (found.size() < count) {
      throw new BenchException(
          "this machine has no " + count + " free ports from " + FIRST + " to " + END,
          "stop what listens there");
    }
    return List.copyOf(found);
  }
}
