package io.pgfleet.bench.engine.forward;

import java.nio.ByteBuffer;

/**
 * Walks over a stream of messages without keeping them: counts those that ask for a ReadyForQuery
 * and those that are one. Headers and status bytes may be cut anywhere.
 */
final class Framer {
  private static final int HEADER = 5;
  private static final byte QUERY = 'Q';
  private static final byte SYNC = 'S';
  private static final byte READY = 'Z';
  private static final byte TERMINATE = 'X';

  private final boolean fromServer;
  private int header;
  private byte type;
  private int length;
  private int body;
  private int counted;
  private byte status;

  private Framer(boolean fromServer) {
    this.fromServer = fromServer;
  }

  static Framer ofClient() {
    return new Framer(false);
  }

  static Framer ofServer() {
    return new Framer(true);
  }

  /** Takes what lies between position and limit, which stay as they are. */
  void take(ByteBuffer bytes) {
    int at = bytes.position();
    int end = bytes.limit();
    while (at < end) {
      if (body > 0) {
        if (fromServer && type == READY) {
          status = bytes.get(at);
          counted++;
        }
        int step = Math.min(body, end - at);
        body -= step;
        at += step;
      } else if (header == 0 && end - at >= HEADER) {
        type = bytes.get(at);
        length = bytes.getInt(at + 1);
        at += HEADER;
        begin();
      } else {
        byte next = bytes.get(at++);
        if (header == 0) {
          type = next;
          length = 0;
        } else {
          length = (length << 8) | (next & 0xff);
        }
        header++;
        if (header == HEADER) {
          header = 0;
          begin();
        }
      }
    }
  }

  private void begin() {
    body = length - 4;
    if (body < 0) {
      throw new IllegalStateException("a message of length " + length);
    }
    if (!fromServer && (type == QUERY || type == SYNC)) {
      counted++;
    }
  }

  /** Whether no message is half-way. */
  boolean isBetweenMessages() {
    return header == 0 && body == 0;
  }

  /** Whether a client's next message is Terminate, which is not for a server that others use. */
  boolean isAtEnd(ByteBuffer bytes) {
    return isBetweenMessages() && bytes.hasRemaining() && bytes.get(bytes.position()) == TERMINATE;
  }

  /** How many were counted since the last call: questions of a client, answers of a server. */
  int counted() {
    int result = counted;
    counted = 0;
    return result;
  }

  /** The transaction status of the last ReadyForQuery. */
  byte status() {
    return status;
  }
}
