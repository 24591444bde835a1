package io.pgfleet.wire.client;

import io.pgfleet.wire.ServerReport;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Takes the answers to a command as they come, so that a result of any size needs little memory. A
 * statement answers with {@link #rowDescription}, rows and {@link #commandComplete}, or with a COPY
 * and {@link #commandComplete}; BASE_BACKUP with several of both. An exception thrown here closes
 * the connection, because the rest of the answers could be of any length; to go on with the
 * connection, remember the failure, call {@link Connection#cancel} and let the answers end.
 */
public interface ResultListener {
  /** A result set begins. */
  default void rowDescription(List<Column> columns) throws IOException {}

  /** A row of the set; the array is the listener's to keep. */
  default void row(@Nullable String[] values) throws IOException {}

  /** A statement ended; the tag is empty for an empty statement. */
  default void commandComplete(String tag) throws IOException {}

  /** The server said something beside the results. */
  default void notice(ServerReport report) throws IOException {}

  /**
   * A COPY FROM STDIN asks for data. It is read by a thread of its own, so that a server that has
   * much to say while it loads never blocks the load; an error of the server stops the reading, but
   * only once a read that is under way returns.
   *
   * @return the data, not closed afterwards; null to refuse, which fails the statement
   */
  default @Nullable InputStream copyIn(CopyFormat format) throws IOException {
    return null;
  }

  /** A COPY TO STDOUT or a base backup begins to send data. */
  default void copyOut(CopyFormat format) throws IOException {}

  /** One CopyData of it; the buffer is valid during the call only. */
  default void copyData(ByteBuffer data) throws IOException {}

  /** The data ended well. */
  default void copyDone() throws IOException {}

  /**
   * A CopyBoth began. Returning ends our side, and what the server still sends is dropped.
   *
   * @throws PostgresException as {@link CopyChannel#receive} throws it
   */
  default void copyBoth(CopyChannel channel) throws IOException, PostgresException {}
}
