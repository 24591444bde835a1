package io.pgfleet.gateway;

import io.pgfleet.gateway.message.Messages;
import io.pgfleet.gateway.message.ProtocolViolation;
import io.pgfleet.gateway.message.StartupPacket;
import io.pgfleet.wire.Protocol;
import io.pgfleet.wire.ServerReport;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The statement of the gateway's own that runs on a server, and what comes of it. */
final class OwnStatement {
  private final EventLoop loop;
  private final ServerLink server;
  private @Nullable Runnable done;
  private @Nullable ServerReport error;
  private boolean no;

  OwnStatement(EventLoop loop, ServerLink server) {
    this.loop = loop;
    this.server = server;
  }

  /** A statement is sent. */
  void begin(Runnable whenDone) {
    error = null;
    no = false;
    done = whenDone;
  }

  /** Takes a message; true if the statement has ended with it. */
  boolean take(byte type, ByteBuffer body) throws ProtocolViolation {
    switch (type) {
      case Protocol.Backend.PARAMETER_STATUS ->
          server.session.reported(loop, StartupPacket.text(body), StartupPacket.text(body));
      case Protocol.Backend.NOTIFICATION_RESPONSE -> {
        byte[] bytes = new byte[body.remaining()];
        body.get(bytes);
        server.pool.notified(server, Messages.of(type, bytes));
      }
      case Protocol.Backend.DATA_ROW ->
          no = body.getShort() > 0 && body.getInt() == 1 && body.get() == 'f';
      case Protocol.Backend.ERROR_RESPONSE -> {
        ServerReport report = ServerReport.decode(body);
        error = report;
        server.session.lastWords(report);
      }
      case Protocol.Backend.READY_FOR_QUERY -> {
        server.status(body.get());
        return true;
      }
      default -> {
        // other rows, tags and notices
      }
    }
    return false;
  }

  /** Tells that it has ended. */
  void ended() {
    Runnable next = done;
    done = null;
    if (next != null) {
      next.run();
    }
  }

  /** The error it ended with, once; null if it ended well. */
  @Nullable ServerReport takeError() {
    ServerReport report = error;
    error = null;
    return report;
  }

  /** Its last row is one boolean, false. */
  boolean saysNo() {
    return no;
  }
}
