package io.pgfleet.postgres.host;

import io.pgfleet.postgres.host.ServerException.Kind;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** The machine's TCP ports. */
public final class Ports {
  private static final String LISTENING = "0A";

  private Ports() {}

  /**
   * Checks that a server can listen.
   *
   * @param addresses as in PostgreSQL's {@code listen_addresses}
   * @throws ServerException if another process listens there, naming it where that can be known
   */
  public static void checkFree(List<String> addresses, int port) {
    for (String address : addresses) {
      InetAddress resolved;
      try {
        resolved =
            switch (address) {
              case "*", "0.0.0.0" -> InetAddress.getByName("0.0.0.0");
              default -> InetAddress.getByName(address);
            };
      } catch (UnknownHostException e) {
        throw new ServerException(
            Kind.SETTING,
            "The server is to listen on " + address + ", which is no address of this machine.",
            "Name one of its addresses, or '*' for all.",
            e);
      }
      try (ServerSocket socket = new ServerSocket()) {
        socket.setReuseAddress(true); // as PostgreSQL does: closed connections do not count
        socket.bind(new InetSocketAddress(resolved, port), 1);
      } catch (BindException e) {
        throw refused(address, port, e);
      } catch (IOException e) {
        throw refused(address, port, e);
      }
    }
  }

  private static ServerException refused(String address, int port, IOException cause) {
    String message = String.valueOf(cause.getMessage());
    if (message.contains("annot assign requested address")) {
      return new ServerException(
          Kind.SETTING,
          "The server is to listen on " + address + ", which is no address of this machine.",
          "Name one of its addresses, or '*' for all.",
          cause);
    }
    if (message.contains("ermission denied")) {
      return new ServerException(
          Kind.SETTING,
          "This user may not listen on port " + port + ".",
          "Choose a port of 1024 or above.",
          cause);
    }
    String who = listener(port).map(name -> " " + name + " listens there.").orElse("");
    return new ServerException(
        Kind.PORT_BUSY,
        "Port " + port + " on " + address + " is taken." + who,
        "End what listens there, or choose another port.",
        cause);
  }

  /** Who listens on a port, as {@code name (pid N)}, where {@code /proc} tells. */
  public static Optional<String> listener(int port) {
    Set<String> sockets = new HashSet<>();
    try {
      for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
        if (Files.isReadable(Path.of(table))) {
          for (String line : Files.readAllLines(Path.of(table))) {
            addListening(line, port, sockets);
          }
        }
      }
    } catch (IOException e) {
      return Optional.empty();
    }
    return sockets.isEmpty() ? Optional.empty() : holder(sockets);
  }

  private static void addListening(String line, int port, Set<String> sockets) {
    String[] columns = line.strip().split("\\s+");
    String ending = String.format(Locale.ROOT, ":%04X", port);
    if (columns.length > 9 && columns[1].endsWith(ending) && columns[3].equals(LISTENING)) {
      sockets.add("socket:[" + columns[9] + "]");
    }
  }

  private static Optional<String> holder(Set<String> sockets) {
    try (var processes = Files.newDirectoryStream(Path.of("/proc"), "[1-9]*")) {
      for (Path process : processes) {
        if (holds(process, sockets)) {
          String name = Files.readString(process.resolve("comm")).strip();
          return Optional.of(name + " (pid " + process.getFileName() + ")");
        }
      }
    } catch (IOException ignored) {
      // processes come and go while we look
    }
    return Optional.empty();
  }

  private static boolean holds(Path process, Set<String> sockets) {
    try (var files = Files.newDirectoryStream(process.resolve("fd"))) {
      for (Path file : files) {
        if (sockets.contains(Files.readSymbolicLink(file).toString())) {
          return true;
        }
      }
    } catch (IOException ignored) {
      // another user's process, or one that has ended
    }
    return false;
  }

  /** A port of the loopback address that nobody listens on in this moment. */
  public static int free() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new ServerException(
          Kind.PORT_BUSY, "No port is free: " + e.getMessage(), "End what holds so many.", e);
    }
  }
}
