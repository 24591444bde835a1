package io.pgfleet.gateway.transport;

import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;

/**
 * A Unix-domain socket {@code DIRECTORY/.s.PGSQL.PORT}, as libpq looks for it.
 *
 * @param directory exists already
 * @param port the number in its name
 * @param mode permissions of the socket, such as 0777
 */
public record UnixSocketSettings(Path directory, int port, int mode) {
  /** PostgreSQL's default: everybody may connect, and is asked who he is. */
  public static final int EVERYBODY = 0777;

  private static final int MOST_PORTS = 65_535;

  public UnixSocketSettings {
    if (port < 1 || port > MOST_PORTS) {
      throw new IllegalArgumentException("the port of a Unix-domain socket is from 1 to 65535");
    }
    if (mode < 0 || mode > EVERYBODY) {
      throw new IllegalArgumentException("the mode of a Unix-domain socket is from 0000 to 0777");
    }
  }

  /** The socket's file. */
  public Path file() {
    return directory.resolve(".s.PGSQL." + port);
  }

  /** The file that says which process listens, in PostgreSQL's form. */
  public Path lockFile() {
    return directory.resolve(".s.PGSQL." + port + ".lock");
  }

  Set<PosixFilePermission> permissions() {
    Set<PosixFilePermission> set = EnumSet.noneOf(PosixFilePermission.class);
    PosixFilePermission[] fromHighest = PosixFilePermission.values();
    for (int i = 0; i < fromHighest.length; i++) {
      if ((mode & (0400 >> i)) != 0) {
        set.add(fromHighest[i]);
      }
    }
    return set;
  }
}
