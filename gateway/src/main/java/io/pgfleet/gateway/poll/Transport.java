package io.pgfleet.gateway.poll;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Moves the bytes of a connection without ever waiting. */
public interface Transport {
  /**
   * Reads what is there.
   *
   * @return the number of bytes, 0 if there are none now, -1 at the end of input
   */
  int read(ByteBuffer into) throws IOException;

  /**
   * Writes as much as is taken now.
   *
   * @return the number of bytes, perhaps 0
   */
  int write(ByteBuffer from) throws IOException;
}
