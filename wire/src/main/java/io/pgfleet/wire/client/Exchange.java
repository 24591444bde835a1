package io.pgfleet.wire.client;

import io.pgfleet.wire.Protocol.Backend;
import io.pgfleet.wire.Protocol.Frontend;
import io.pgfleet.wire.ServerReport;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The answers to one Query, or to one Parse to Sync, up to ReadyForQuery.
 *
 * <pre>
 * phase      accepts                                    then
 * PARSE      ParseComplete                              BIND       (extended only)
 * BIND       BindComplete                               DESCRIBE   (extended only)
 * DESCRIBE   RowDescription | NoData                    ROWS | BETWEEN (extended only)
 * BETWEEN    RowDescription                             ROWS       (simple only)
 *            CommandComplete, EmptyQueryResponse        BETWEEN
 *            CopyIn-, CopyOut-, CopyBothResponse        COPY_IN, COPY_OUT, BETWEEN
 *            ReadyForQuery                              the end
 * ROWS       DataRow, CommandComplete                   ROWS, BETWEEN
 * COPY_IN    CommandComplete                            BETWEEN
 * COPY_OUT   CopyData, CopyDone                         COPY_OUT, BETWEEN
 * FAILED     ReadyForQuery                              the end
 * any        ErrorResponse                              FAILED
 * any        NoticeResponse, ParameterStatus, NotificationResponse
 * </pre>
 *
 * Anything else is a violation, after which the bytes that follow cannot be trusted.
 */
final class Exchange {
  private enum Phase {
    PARSE,
    BIND,
    DESCRIBE,
    BETWEEN,
    ROWS,
    COPY_IN,
    COPY_OUT,
    FAILED
  }

  private final MessageReader reader;
  private final MessageWriter writer;
  private final Session session;
  private final ResultListener listener;
  private final boolean extended;
  private Phase phase;
  private int columns;
  private @Nullable ServerReport error;
  private @Nullable CopyInFeeder feeder;
  private @Nullable Throwable sourceFailure;
  private boolean complete;

  Exchange(
      MessageReader reader,
      MessageWriter writer,
      Session session,
      ResultListener listener,
      boolean extended) {
    this.reader = reader;
    this.writer = writer;
    this.session = session;
    this.listener = listener;
    this.extended = extended;
    this.phase = extended ? Phase.PARSE : Phase.BETWEEN;
  }

  /**
   * Takes messages up to ReadyForQuery.
   *
   * @throws PostgresException the first error of the server; the link is dead unless {@link
   *     #complete}
   */
  void run() throws IOException, PostgresException {
    try {
      while (!step()) {}
    } finally {
      if (feeder != null) {
        feeder.abandon();
      }
    }
    if (error != null) {
      throw new PostgresException(error);
    }
  }

  private boolean step() throws IOException, PostgresException {
    byte type = receive();
    Body body = reader.body();
    switch (type) {
      case Backend.READY_FOR_QUERY -> {
        expect(type, phase == Phase.BETWEEN || phase == Phase.FAILED);
        session.ready(body);
        complete = true;
        return true;
      }
      case Backend.PARSE_COMPLETE -> advance(type, Phase.PARSE, Phase.BIND);
      case Backend.BIND_COMPLETE -> advance(type, Phase.BIND, Phase.DESCRIBE);
      case Backend.NO_DATA -> advance(type, Phase.DESCRIBE, Phase.BETWEEN);
      case Backend.ROW_DESCRIPTION -> {
        advance(type, extended ? Phase.DESCRIBE : Phase.BETWEEN, Phase.ROWS);
        List<Column> described = body.columns();
        columns = described.size();
        listener.rowDescription(described);
      }
      case Backend.DATA_ROW -> {
        expect(type, phase == Phase.ROWS);
        listener.row(body.row(columns));
      }
      case Backend.COMMAND_COMPLETE -> {
        expect(type, phase == Phase.BETWEEN || phase == Phase.ROWS || phase == Phase.COPY_IN);
        endCopyIn();
        phase = Phase.BETWEEN;
        listener.commandComplete(body.text());
      }
      case Backend.EMPTY_QUERY_RESPONSE -> {
        expect(type, phase == Phase.BETWEEN);
        listener.commandComplete("");
      }
      case Backend.COPY_IN_RESPONSE -> {
        advance(type, Phase.BETWEEN, Phase.COPY_IN);
        beginCopyIn(body.copyFormat());
      }
      case Backend.COPY_OUT_RESPONSE -> {
        advance(type, Phase.BETWEEN, Phase.COPY_OUT);
        listener.copyOut(body.copyFormat());
      }
      case Backend.COPY_DATA -> {
        expect(type, phase == Phase.COPY_OUT);
        listener.copyData(body.remaining());
      }
      case Backend.COPY_DONE -> {
        advance(type, Phase.COPY_OUT, Phase.BETWEEN);
        listener.copyDone();
      }
      case Backend.COPY_BOTH_RESPONSE -> {
        advance(type, Phase.BETWEEN, Phase.BETWEEN);
        copyBoth();
      }
      case Backend.ERROR_RESPONSE -> fail(body);
      default -> throw outOfPlace(type);
    }
    return false;
  }

  /** The next message that is an answer; the server's last words explain an end of the stream. */
  private byte receive() throws IOException, PostgresException {
    while (true) {
      byte type;
      try {
        type = reader.next();
      } catch (IOException e) {
        if (error != null) {
          throw new PostgresException(error);
        }
        throw e;
      }
      if (!session.accept(type, reader.body(), listener)) {
        return type;
      }
    }
  }

  private void advance(byte type, Phase from, Phase to) throws ProtocolException {
    expect(type, phase == from);
    phase = to;
  }

  private void expect(byte type, boolean fits) throws ProtocolException {
    if (!fits) {
      throw outOfPlace(type);
    }
  }

  private ProtocolException outOfPlace(byte type) {
    return new ProtocolException(
        "the server sent a message "
            + MessageReader.name(type)
            + " out of place (phase "
            + phase
            + ")");
  }

  private void fail(Body body) throws IOException {
    ServerReport report = body.report();
    if (error == null) {
      error = report;
    }
    phase = Phase.FAILED;
    if (feeder != null) {
      feeder.abandon();
      feeder.await();
      sourceFailure = feeder.failure();
      feeder = null;
    }
  }

  /** Whether ReadyForQuery came, so that the link may be used again. */
  boolean complete() {
    return complete;
  }

  /** What the source of a COPY failed with, if that is why the command failed. */
  @Nullable Throwable sourceFailure() {
    return sourceFailure;
  }

  private void beginCopyIn(CopyFormat format) throws IOException {
    InputStream source = extended ? null : listener.copyIn(format);
    if (source != null) {
      feeder = CopyInFeeder.start(source, writer);
      return;
    }
    writer.begin(Frontend.COPY_FAIL).text("no data was given for COPY FROM STDIN").end();
    if (extended) {
      // While it copies in, the server has dropped the Sync that was sent ahead.
      writer.begin(Frontend.SYNC).end();
    }
    writer.flush();
  }

  private void endCopyIn() throws IOException {
    if (feeder != null) {
      feeder.await();
      feeder = null;
    } else if (phase == Phase.COPY_IN && error == null) {
      throw new ProtocolException("the server ended a COPY that was refused");
    }
  }

  private void copyBoth() throws IOException, PostgresException {
    BothWays channel = new BothWays();
    try {
      listener.copyBoth(channel);
      if (phase != Phase.FAILED) {
        synchronized (writer) {
          writer.begin(Frontend.COPY_DONE).end().flush();
        }
      }
      while (channel.receive() != null) {}
    } catch (PostgresException e) {
      if (phase != Phase.FAILED) {
        throw e;
      }
    }
  }

  private final class BothWays implements CopyChannel {
    private boolean ended;

    @Override
    public @Nullable ByteBuffer receive() throws IOException, PostgresException {
      if (ended || phase == Phase.FAILED) {
        return null;
      }
      byte type = Exchange.this.receive();
      return switch (type) {
        case Backend.COPY_DATA -> reader.body().remaining();
        case Backend.COPY_DONE -> {
          ended = true;
          yield null;
        }
        case Backend.ERROR_RESPONSE -> {
          ServerReport report = reader.body().report();
          error = report;
          phase = Phase.FAILED;
          throw new PostgresException(report);
        }
        default -> throw outOfPlace(type);
      };
    }

    @Override
    public void send(ByteBuffer body) throws IOException {
      byte[] bytes = new byte[body.remaining()];
      body.get(bytes);
      synchronized (writer) {
        writer.begin(Frontend.COPY_DATA).bytes(bytes).end().flush();
      }
    }
  }
}
