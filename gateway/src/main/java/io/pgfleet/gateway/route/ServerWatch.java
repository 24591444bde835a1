package io.pgfleet.gateway.route;

import io.pgfleet.wire.Lsn;
import io.pgfleet.wire.client.Connection;
import io.pgfleet.wire.client.PostgresException;
import io.pgfleet.wire.client.Result;
import io.pgfleet.wire.client.Row;
import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks one server again and again how far its WAL has come: often while reads are routed, at once
 * when told to, seldom else. Runs on a thread of its own with one connection.
 */
final class ServerWatch implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(ServerWatch.class);
  private static final Duration RETRY = Duration.ofMillis(250);

  /** However often it is asked for, there is this much time between two questions. */
  private static final Duration LEAST = Duration.ofMillis(2);

  /** Opens connections. */
  interface Door {
    Connection open() throws IOException, PostgresException;
  }

  /** What is done with the answers. */
  interface Work {
    /** Before a question is sent; false if the server is of no interest now. */
    boolean asking();

    /** The position that the server told. */
    void answered(long lsn);

    /** The server can't be reached, or is not what it should be. */
    void silent();
  }

  private final String name;
  private final String sql;
  private final Door door;
  private final Work work;
  private final Pace pace;
  private final Semaphore wake = new Semaphore(0);
  private final AtomicBoolean asked = new AtomicBoolean();
  private final Thread thread;
  private volatile boolean closed;
  private boolean complained;

  /** How long to rest between two questions. */
  interface Pace {
    Duration now();
  }

  private ServerWatch(String name, String sql, Door door, Work work, Pace pace) {
    this.name = name;
    this.sql = sql;
    this.door = door;
    this.work = work;
    this.pace = pace;
    this.thread = Thread.ofVirtual().name("gateway-watch-" + name).unstarted(this);
  }

  static ServerWatch primary(String name, Door door, Work work, Pace pace) {
    return new ServerWatch(
        name,
        "SELECT pg_catalog.pg_current_wal_insert_lsn(),"
            + " pg_catalog.pg_size_bytes(pg_catalog.current_setting('wal_segment_size'))",
        door,
        work,
        pace);
  }

  static ServerWatch standby(String name, Door door, Work work, Pace pace) {
    return new ServerWatch(
        name,
        "SELECT CASE WHEN pg_catalog.pg_is_in_recovery()"
            + " THEN pg_catalog.pg_last_wal_replay_lsn() END, NULL",
        door,
        work,
        pace);
  }

  void start() {
    thread.start();
  }

  /** Has it ask at once; many wishes are one question. */
  void ask() {
    if (asked.compareAndSet(false, true)) {
      wake.release();
    }
  }

  @Override
  public void run() {
    while (!closed) {
      try (Connection connection = door.open()) {
        complained = false;
        while (!closed) {
          // wishes from here on want a later question than this one
          wake.drainPermits();
          asked.set(false);
          if (!work.asking()) {
            Thread.sleep(RETRY);
            continue;
          }
          work.answered(position(connection.query(sql).getLast()));
          Thread.sleep(LEAST);
          wake.tryAcquire(pace.now().toNanos(), TimeUnit.NANOSECONDS);
        }
      } catch (IOException | PostgresException | IllegalArgumentException e) {
        failed(String.valueOf(e.getMessage()));
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private static long position(Result result) throws IOException {
    Row row = result.onlyRow();
    String text = row.get(0);
    if (text == null) {
      throw new IOException("it is no standby");
    }
    long lsn = Lsn.parse(text).value();
    String segment = row.get(1);
    return segment == null
        ? lsn
        : Progress.recordEnd(lsn, Long.parseLong(Objects.requireNonNull(segment)));
  }

  private void failed(String why) {
    if (closed) {
      return;
    }
    work.silent();
    if (!complained) {
      complained = true;
      LOG.warn(
          "Can't ask {} how far it is: {}. Until it answers, nothing is read there.", name, why);
    }
    try {
      Thread.sleep(RETRY);
    } catch (InterruptedException e) {
      closed = true;
    }
  }

  void close() {
    closed = true;
    thread.interrupt();
  }
}
