package io.pgfleet.gateway.observe;

import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes events to the log from a thread of its own. Who offers one never waits: when the writer
 * does not keep up, events are dropped and counted. Safe from any thread.
 */
public final class EventLog implements AutoCloseable {
  private static final Logger SLOW = LoggerFactory.getLogger("pgfleet.slow");
  private static final Logger CONNECTIONS = LoggerFactory.getLogger("pgfleet.connections");
  private static final Logger TRACE = LoggerFactory.getLogger("pgfleet.trace");
  private static final Logger LOG = LoggerFactory.getLogger(EventLog.class);
  private static final int CAPACITY = 4096;
  private static final int TRACED = 1000;

  /** A traced statement as SHOW TRACE gives it. */
  public record TracedStatement(Event.Ran ran, String sql) {}

  private final ArrayBlockingQueue<Event> queue = new ArrayBlockingQueue<>(CAPACITY);
  private final AtomicLong dropped = new AtomicLong();
  private final AtomicLong written = new AtomicLong();
  private final ArrayDeque<TracedStatement> traced = new ArrayDeque<>();
  private final Thread writer;
  private long droppedTold;

  public EventLog() {
    writer = Thread.ofPlatform().name("gateway-log").daemon().unstarted(this::run);
  }

  /** Begins to write. */
  public void start() {
    writer.start();
  }

  /** Takes an event, or drops it if too many wait. */
  public void offer(Event event) {
    if (!queue.offer(event)) {
      dropped.incrementAndGet();
    }
  }

  /** Events that were never written. */
  public long dropped() {
    return dropped.get();
  }

  /** Events that were. */
  public long written() {
    return written.get();
  }

  /** The last traced statements, the oldest first. */
  public List<TracedStatement> traced() {
    synchronized (traced) {
      return List.copyOf(traced);
    }
  }

  private void run() {
    try {
      while (true) {
        Event event = queue.take();
        try {
          write(event);
        } catch (RuntimeException e) {
          LOG.error("A line of the log could not be written", e);
        }
      }
    } catch (InterruptedException e) {
      for (Event event = queue.poll(); event != null; event = queue.poll()) {
        write(event);
      }
    }
  }

  private void write(Event event) {
    switch (event) {
      case Event.Connected connected -> CONNECTIONS.info("{}", connected.line());
      case Event.Disconnected disconnected -> CONNECTIONS.info("{}", disconnected.line());
      case Event.Ran ran -> {
        if (ran.cause() == Event.Cause.TRACED) {
          TRACE.info("{}", ran.line());
          keep(new TracedStatement(ran, ran.sql()));
        } else {
          SLOW.info("{}", ran.line());
        }
      }
    }
    written.incrementAndGet();
    long lost = dropped.get();
    if (lost > droppedTold && queue.isEmpty()) {
      LOG.warn("{} lines of the log were dropped, as more came than could be written", lost);
      droppedTold = lost;
    }
  }

  private void keep(TracedStatement statement) {
    synchronized (traced) {
      if (traced.size() >= TRACED) {
        traced.removeFirst();
      }
      traced.add(statement);
    }
  }

  /** Writes what waits, and ends. */
  @Override
  public void close() {
    writer.interrupt();
    try {
      writer.join(5_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
