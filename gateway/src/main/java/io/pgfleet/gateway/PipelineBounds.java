package io.pgfleet.gateway;

import io.pgfleet.gateway.message.Messages;
import io.pgfleet.gateway.message.ProtocolViolation;
import io.pgfleet.wire.Protocol;
import org.jspecify.annotations.Nullable;

/** Keeps what a client has under way, and what is remembered of it, within bounds. */
final class PipelineBounds {
  /** Larger messages pass in pieces; smaller ones only whole, so that a break never cuts one. */
  static final int STREAMED = 16 << 10;

  private static final int MAX_LENGTH = 0x4000_0000;

  /** PostgreSQL's bound on messages that carry no data (PQ_SMALL_MESSAGE_LIMIT). */
  private static final int MAX_SMALL = 10_000;

  private static final byte[] FLUSH = Messages.of(Protocol.Frontend.FLUSH, new byte[0]);

  /** Messages up to one Sync. */
  private static final int MAX_PIPELINE = 10_000_000;

  /** Prepared statements of one client. */
  private static final int MAX_STATEMENTS = 65_536;

  /** Answers owed; more than fit into what PostgreSQL keeps back of them. */
  private static final int MAX_OWED = 16_384;

  private final EventLoop loop;
  private final ClientLink client;
  private int sinceSync;
  private boolean flushed;

  PipelineBounds(EventLoop loop, ClientLink client) {
    this.loop = loop;
    this.client = client;
  }

  /** A pipeline of one Sync may be long, but not without end; nor may a client's statements. */
  boolean isEndless(byte type, @Nullable ServerLink server, int statements) {
    if (server == null || !server.exchange.unsynced()) {
      sinceSync = 0;
    } else if (++sinceSync > MAX_PIPELINE) {
      client.fatal(Reports.endlessPipeline(MAX_PIPELINE));
      return true;
    }
    if (type == Protocol.Frontend.PARSE && statements >= MAX_STATEMENTS) {
      client.fatal(Reports.tooManyStatements(MAX_STATEMENTS));
      return true;
    }
    return false;
  }

  /** So many answers are owed that they are to come before more is asked. */
  boolean isCrowded(ServerLink server) {
    Exchange exchange = server.exchange;
    if (exchange.size() < MAX_OWED) {
      flushed = false;
      return false;
    }
    server.answers.local(loop.toClient);
    if (!flushed && exchange.unsynced() && !exchange.isEmpty()) {
      // or the server might keep its answers until the Sync that waits here
      loop.toServer.put(FLUSH);
      flushed = true;
    }
    return exchange.size() >= MAX_OWED;
  }

  /** Checks a message's length as its type allows. */
  static void checkLength(byte type, int length) throws ProtocolViolation {
    switch (type) {
      case Protocol.Frontend.QUERY,
          Protocol.Frontend.PARSE,
          Protocol.Frontend.BIND,
          Protocol.Frontend.FUNCTION_CALL,
          Protocol.Frontend.COPY_DATA -> {
        if (length < 4 || length > MAX_LENGTH) {
          throw new ProtocolViolation("invalid message length");
        }
      }
      case Protocol.Frontend.EXECUTE,
          Protocol.Frontend.CLOSE,
          Protocol.Frontend.DESCRIBE,
          Protocol.Frontend.COPY_DONE,
          Protocol.Frontend.COPY_FAIL,
          Protocol.Frontend.TERMINATE -> {
        if (length < 4 || length > MAX_SMALL) {
          throw new ProtocolViolation("invalid message length");
        }
      }
      case Protocol.Frontend.FLUSH, Protocol.Frontend.SYNC -> {
        // an error in a Flush would make the server skip to a Sync that may never come
        if (length != 4) {
          throw new ProtocolViolation("invalid message length");
        }
      }
      default -> throw new ProtocolViolation("invalid frontend message type " + (type & 0xFF));
    }
  }
}
