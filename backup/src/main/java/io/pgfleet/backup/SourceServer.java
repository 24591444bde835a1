package io.pgfleet.backup;

import io.pgfleet.backup.BackupException.Kind;
import io.pgfleet.wire.client.Connection;
import io.pgfleet.wire.client.PostgresException;
import io.pgfleet.wire.client.Row;
import java.io.IOException;
import java.net.ProtocolException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A server as it tells of itself over a connection for replication (PostgreSQL manual, 'Streaming
 * Replication Protocol', IDENTIFY_SYSTEM and SHOW).
 *
 * @param system the cluster's system identifier
 * @param timeline that it is on
 * @param segment bytes of a WAL segment
 */
public record SourceServer(long system, int timeline, int segment) {
  private static final Pattern SIZE = Pattern.compile("([0-9]{1,6})([MG])B");
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int MEGA = 1 << 20;
  private static final int GIGA = 1 << 30;

  /** Asks it. */
  public static SourceServer of(Connection connection) throws IOException, PostgresException {
    Row identity = connection.query("IDENTIFY_SYSTEM").getFirst().onlyRow();
    String segment = String.valueOf(connection.query("SHOW wal_segment_size").getFirst().single());
    try {
      return new SourceServer(
          Long.parseUnsignedLong(identity.required("systemid")),
          Integer.parseInt(identity.required("timeline")),
          bytes(segment));
    } catch (NumberFormatException e) {
      throw new ProtocolException("the server identified itself as " + identity);
    }
  }

  /**
   * Has the server keep WAL from its last checkpoint on, for as long as the connection stands. What
   * a base backup needs of it is sent last, and would be recycled if reading the files takes long.
   *
   * @return why it does not; empty if it does
   */
  public static Optional<String> keepWal(Connection connection) throws IOException {
    String slot = "pgfleet__backup_" + HexFormat.of().toHexDigits(RANDOM.nextInt());
    try {
      connection.query(
          "CREATE_REPLICATION_SLOT " + slot + " TEMPORARY PHYSICAL (RESERVE_WAL true)");
      return Optional.empty();
    } catch (PostgresException e) {
      return Optional.of(e.report().message());
    }
  }

  /** A size as the server shows it. */
  static int bytes(String shown) throws ProtocolException {
    Matcher size = SIZE.matcher(shown);
    if (!size.matches()) {
      throw new ProtocolException("the server has WAL segments of '" + shown + "'");
    }
    long bytes = Long.parseLong(size.group(1)) * (size.group(2).equals("M") ? MEGA : GIGA);
    if (bytes < MEGA || bytes > GIGA) {
      throw new ProtocolException("the server has WAL segments of " + shown);
    }
    return (int) bytes;
  }

  /**
   * Looks whether it is of the cluster that is expected.
   *
   * @param place where it is, for the message
   * @throws BackupException if not
   */
  public void requireSystem(long expected, String place) {
    if (system != expected) {
      throw new BackupException(
          Kind.SERVER,
          "The server at "
              + place
              + " is another database system ("
              + Long.toUnsignedString(system)
              + ", expected "
              + Long.toUnsignedString(expected)
              + ").",
          "See that the address is that of this fleet's server.");
    }
  }
}
