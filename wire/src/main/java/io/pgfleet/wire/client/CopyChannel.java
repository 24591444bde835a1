package io.pgfleet.wire.client;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Both directions of a CopyBoth, as START_REPLICATION opens it. */
public interface CopyChannel {
  /**
   * Waits for the next CopyData.
   *
   * @return its body, valid until the next call, or null once the server has ended its side
   */
  @Nullable ByteBuffer receive() throws IOException, PostgresException;

  /** Sends one CopyData and flushes it; another thread than the receiver's may. */
  void send(ByteBuffer body) throws IOException;
}
