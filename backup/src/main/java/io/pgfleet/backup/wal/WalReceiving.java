package io.pgfleet.backup.wal;

import io.pgfleet.backup.BackupException;
import io.pgfleet.wire.Lsn;
import io.pgfleet.wire.client.Column;
import io.pgfleet.wire.client.Connection;
import io.pgfleet.wire.client.CopyChannel;
import io.pgfleet.wire.client.PostgresException;
import io.pgfleet.wire.client.ResultListener;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Receives the WAL of one timeline over a connection for replication and puts it into the archive
 * (PostgreSQL manual, 'Streaming Replication Protocol', START_REPLICATION). What it tells the
 * server to be flushed is in the archive, so a slot keeps the rest, and a commit that waits for it
 * as for a synchronous standby is in the archive when it is acknowledged.
 */
final class WalReceiving implements ResultListener {
  private static final Logger log = LoggerFactory.getLogger(WalReceiving.class);
  private static final Duration STATUS = Duration.ofSeconds(5);
  private static final Duration AFTER_FAILURE = Duration.ofSeconds(1);

  /** After this time without a put the stream ends; the slot keeps what comes. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final byte[] NOTHING = {};
  private static final int WAL_HEADER = 3 * Long.BYTES;
  private static final int KEEPALIVE = 2 * Long.BYTES + 1;

  /** From the Unix epoch to PostgreSQL's, 2000-01-01, in microseconds. */
  private static final long EPOCH_MICROS = 946_684_800_000_000L;

  private final WalArchive archive;
  private final Duration interval;
  private final Confirmed confirmed;
  private final WalBuffer buffer;
  private volatile boolean over;
  private final int timeline;
  private volatile Lsn kept;
  private volatile boolean failing;
  private @Nullable Connection stream;
  private @Nullable Next next;

  /** Told what is in the archive, by one thread at a time. */
  interface Confirmed {
    /** All WAL of this timeline up to here, and the server had sent no more. */
    void kept(int timeline, Lsn end);

    /** Something could not be put; it is tried again. */
    void failed(BackupException why);
  }

  /** The timeline that follows the one received, and where it begins. */
  record Next(int timeline, Lsn start) {}

  /**
   * A receiving that can be run once.
   *
   * @param first the segment to begin with, from its first byte
   * @param interval how long WAL may wait before it is put; zero to put it as it comes
   */
  WalReceiving(WalArchive archive, SegmentName first, Duration interval, Confirmed confirmed) {
    byte[] held = archive.find(first).orElse(NOTHING);
    this.archive = archive;
    this.timeline = first.timeline();
    this.interval = interval;
    this.confirmed = confirmed;
    this.buffer = new WalBuffer(first, held);
    this.kept = new Lsn(first.start().value() + held.length);
  }

  /**
   * Receives until the timeline ends or the connection breaks.
   *
   * @return what follows; none if the server ended it for another reason
   */
  Optional<Next> run(Connection connection, String slot, SegmentName first)
      throws IOException, PostgresException {
    stream = connection;
    try {
      connection.run(
          "START_REPLICATION SLOT "
              + slot
              + " PHYSICAL "
              + first.start()
              + " TIMELINE "
              + first.timeline(),
          this);
    } finally {
      over = true;
      buffer.close();
    }
    return Optional.ofNullable(next);
  }

  @Override
  public void copyBoth(CopyChannel channel) throws IOException, PostgresException {
    Thread putter = Thread.ofPlatform().daemon().name("wal-archive").start(() -> putAll(channel));
    try {
      ByteBuffer message = channel.receive();
      while (message != null) {
        take(message, channel);
        message = channel.receive();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      over = true;
      buffer.close();
      join(putter);
    }
    if (buffer.next() != null) {
      // What follows must not be archived before this is.
      throw new IOException("the end of what was received is not in the archive");
    }
  }

  private static void join(Thread putter) {
    boolean interrupted = false;
    while (true) {
      try {
        putter.join();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
        putter.interrupt();
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void take(ByteBuffer message, CopyChannel channel)
      throws IOException, InterruptedException {
    if (!message.hasRemaining()) {
      throw new ProtocolException("an empty message in a stream of WAL");
    }
    byte type = message.get();
    switch (type) {
      case 'w' -> {
        if (message.remaining() < WAL_HEADER) {
          throw new ProtocolException("a message of WAL without its header");
        }
        Lsn start = new Lsn(message.getLong());
        message.getLong(); // the server's end of WAL
        message.getLong(); // its clock
        buffer.add(start, message);
      }
      case 'k' -> {
        if (message.remaining() < KEEPALIVE) {
          throw new ProtocolException("a short keepalive in a stream of WAL");
        }
        Lsn sent = new Lsn(message.getLong());
        message.getLong(); // its clock
        if (kept.reaches(sent)) {
          confirm();
        }
        if (message.get() != 0) {
          // It does so before it stops, and then waits for all that it has sent.
          buffer.hurry();
          tell(channel, false);
        }
      }
      default -> throw new ProtocolException("a message of type " + type + " in a stream of WAL");
    }
  }

  /** Puts what comes until the stream is over and all is put, or can't be. */
  private void putAll(CopyChannel channel) {
    long told = System.nanoTime();
    long failedFrom = 0;
    try {
      while (true) {
        boolean last = over;
        buffer.await(STATUS);
        if (!interval.isZero() && !last) {
          buffer.awaitFull(interval);
        }
        Put put = putNext();
        if (put == Put.DONE || System.nanoTime() - told >= STATUS.toNanos()) {
          told = System.nanoTime();
          tellUnlessOver(channel, put == Put.NOTHING);
        }
        if (put == Put.FAILED) {
          failedFrom = failedFrom == 0 ? System.nanoTime() : failedFrom;
          if (last || System.nanoTime() - failedFrom > PATIENCE.toNanos()) {
            return;
          }
          Thread.sleep(AFTER_FAILURE);
        } else {
          failedFrom = 0;
          if (last && put == Put.NOTHING) {
            return;
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      log.error("WAL is no longer put into the archive", e);
    } finally {
      buffer.close();
      endStream();
    }
  }

  /** Who receives may wait for long where little is written, and nobody would put what comes. */
  private void endStream() {
    Connection open = stream;
    if (!over && open != null) {
      open.close();
    }
  }

  private enum Put {
    DONE,
    NOTHING,
    FAILED
  }

  private Put putNext() {
    WalBuffer.Taken taken = buffer.next();
    if (taken == null) {
      return Put.NOTHING;
    }
    try {
      if (taken.whole()) {
        archive.put(taken.segment(), taken.bytes());
      } else {
        archive.put(taken.segment(), taken.offset(), taken.bytes());
      }
    } catch (BackupException e) {
      log.warn("WAL from {} can't be put: {}", taken.segment(), e.getMessage());
      failing = true;
      confirmed.failed(e);
      return Put.FAILED;
    }
    failing = false;
    buffer.kept(taken);
    kept = taken.end();
    confirm();
    return Put.DONE;
  }

  /**
   * Said by whoever puts and by whoever receives; a word that comes late must not be an old one.
   */
  private synchronized void confirm() {
    confirmed.kept(timeline, kept);
  }

  /** Where what is in the archive ends. */
  Lsn kept() {
    return kept;
  }

  private void tellUnlessOver(CopyChannel channel, boolean ask) {
    if (over) {
      return;
    }
    try {
      tell(channel, ask);
    } catch (IOException e) {
      log.debug("the server did not hear what is archived", e); // the receiver sees it, too
    }
  }

  /**
   * Standby status update: written, flushed and applied; only what is in the archive counts.
   *
   * @param ask whether the server shall say how far it is itself
   */
  private void tell(CopyChannel channel, boolean ask) throws IOException {
    // A server that shuts down waits for what was flushed, or, where nobody flushes, written. A
    // store
    // that fails must not hold a switchover up; the slot stays where it is, and so does the WAL.
    long flushed = failing ? 0 : kept.value();
    ByteBuffer word = ByteBuffer.allocate(1 + 4 * Long.BYTES + 1);
    word.put((byte) 'r')
        .putLong(buffer.end().value())
        .putLong(flushed)
        .putLong(flushed)
        .putLong(System.currentTimeMillis() * 1000 - EPOCH_MICROS)
        .put((byte) (ask ? 1 : 0))
        .flip();
    channel.send(word);
  }

  @Override
  public void rowDescription(List<Column> columns) {
    // The one result set is what follows the timeline.
  }

  @Override
  public void row(@Nullable String[] values) throws IOException {
    try {
      next =
          new Next(
              Integer.parseInt(String.valueOf(values[0])), Lsn.parse(String.valueOf(values[1])));
    } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
      throw new ProtocolException("the end of a timeline did not say what follows");
    }
  }
}
