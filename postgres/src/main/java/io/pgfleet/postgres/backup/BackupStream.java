package io.pgfleet.postgres.backup;

import io.pgfleet.wire.Lsn;
import io.pgfleet.wire.client.Column;
import io.pgfleet.wire.client.CopyFormat;
import io.pgfleet.wire.client.ResultListener;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The answers to BASE_BACKUP (PostgreSQL manual, 'Streaming Replication Protocol', from 15 on): the
 * start position, the tablespaces, one COPY of archives in tar format, the end position. In the
 * COPY, each message begins with a letter: {@code n} a new archive, {@code m} the manifest in place
 * of an archive, {@code d} bytes of whichever began last, {@code p} the server's progress.
 *
 * <pre>
 * phase        accepts                         then
 * START        one row: position, timeline     TABLESPACES
 * TABLESPACES  rows: oid, location, size in kB ARCHIVES
 * ARCHIVES     n, m, d, p                      FINISH
 * FINISH       one row: position, timeline     DONE
 * </pre>
 */
final class BackupStream implements ResultListener {
  private enum Phase {
    START,
    TABLESPACES,
    ARCHIVES,
    FINISH,
    DONE
  }

  private static final int KILO = 1024;
  private static final int COLUMNS = 2;

  private final BackupSink sink;
  private final TarStream archive;
  private final LongConsumer estimate;
  private final LongConsumer taken;
  private Phase phase = Phase.START;
  private int rows;
  private boolean begun;
  private boolean inManifest;
  private Lsn start = Lsn.ZERO;
  private Lsn finish = Lsn.ZERO;
  private int timeline;
  private int finishTimeline;

  /**
   * Hands what the archive holds on.
   *
   * @param estimate told the size in bytes that the server expects
   * @param taken told of every piece's size in bytes
   */
  BackupStream(BackupSink sink, LongConsumer estimate, LongConsumer taken) {
    this.sink = sink;
    this.archive = new TarStream(sink);
    this.estimate = estimate;
    this.taken = taken;
  }

  @Override
  public void rowDescription(List<Column> columns) throws IOException {
    rows = 0;
    if (phase == Phase.ARCHIVES || phase == Phase.DONE) {
      throw new ProtocolException("a base backup answered with a result out of place");
    }
  }

  @Override
  public void row(@Nullable String[] values) throws IOException {
    rows++;
    if (values.length < COLUMNS) {
      throw new ProtocolException("a base backup answered with a row of one column");
    }
    switch (phase) {
      case START -> {
        start = position(values[0]);
        timeline = (int) number(values[1]);
      }
      case TABLESPACES -> {
        if (values[0] != null) {
          throw new TablespaceException(String.valueOf(values[1]));
        }
        estimate.accept(values.length > COLUMNS ? number(values[COLUMNS]) * KILO : 0);
      }
      case FINISH -> {
        finish = position(values[0]);
        finishTimeline = (int) number(values[1]);
      }
      case ARCHIVES, DONE -> throw new ProtocolException("a base backup answered out of place");
    }
  }

  private static Lsn position(@Nullable String text) throws ProtocolException {
    try {
      return Lsn.parse(String.valueOf(text));
    } catch (IllegalArgumentException e) {
      throw new ProtocolException("a base backup gave the position '" + text + "'");
    }
  }

  private static long number(@Nullable String text) throws ProtocolException {
    try {
      long number = Long.parseLong(String.valueOf(text));
      if (number >= 0 && number < Long.MAX_VALUE / KILO) {
        return number;
      }
    } catch (NumberFormatException ignored) {
      // said below
    }
    throw new ProtocolException("a base backup gave the number '" + text + "'");
  }

  @Override
  public void commandComplete(String tag) throws IOException {
    switch (phase) {
      case START -> phase = next(Phase.TABLESPACES);
      case TABLESPACES -> phase = next(Phase.ARCHIVES);
      case ARCHIVES -> throw new ProtocolException("a base backup ended before its archive");
      case FINISH -> phase = next(Phase.DONE);
      case DONE -> {}
    }
  }

  private Phase next(Phase following) throws ProtocolException {
    if (rows == 0) {
      throw new ProtocolException("a base backup left out one of its answers");
    }
    rows = 0;
    return following;
  }

  @Override
  public void copyOut(CopyFormat format) throws IOException {
    if (phase != Phase.ARCHIVES) {
      throw new ProtocolException("a base backup sent its archive out of place");
    }
  }

  @Override
  public void copyData(ByteBuffer data) throws IOException {
    if (!data.hasRemaining()) {
      throw new ProtocolException("a base backup sent an empty message");
    }
    byte type = data.get();
    switch (type) {
      case 'n' -> {
        // Tablespaces are refused, so there is one archive.
        if (begun) {
          throw new ProtocolException("a base backup sent a second archive");
        }
        begun = true;
      }
      case 'd' -> {
        if (!begun) {
          throw new ProtocolException("a base backup sent bytes before their archive");
        }
        if (inManifest) {
          sink.manifest(data);
        } else {
          taken.accept(data.remaining());
          archive.take(data);
        }
      }
      case 'm' -> {
        if (!begun || inManifest) {
          throw new ProtocolException("a base backup sent its manifest out of place");
        }
        inManifest = true;
      }
      case 'p' -> {}
      default -> throw new ProtocolException("a base backup sent a message of type " + type);
    }
  }

  @Override
  public void copyDone() throws IOException {
    archive.end();
    phase = Phase.FINISH;
  }

  /**
   * Says that all answers have come.
   *
   * @throws ProtocolException if one is missing
   */
  void end() throws ProtocolException {
    if (phase != Phase.DONE) {
      throw new ProtocolException("a base backup ended early");
    }
  }

  Lsn start() {
    return start;
  }

  Lsn finish() {
    return finish;
  }

  int timeline() {
    return timeline;
  }

  int finishTimeline() {
    return finishTimeline;
  }
}
