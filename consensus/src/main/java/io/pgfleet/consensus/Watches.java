package io.pgfleet.consensus;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.zookeeper.AddWatchMode;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls the watches of one Agreement on one thread.
 *
 * <p>The servers keep one standing watch on the whole tree. It marks the watches concerned, and the
 * thread calls those that are marked; the mark is taken off before the call, so a change during a
 * call leads to another. Servers do not repeat events that a cut-off client missed: after a
 * reconnect the watch is set anew, and only when that is answered, so that nothing can fall in
 * between, everybody is called.
 */
final class Watches {
  private static final Logger log = LoggerFactory.getLogger(Watches.class);

  private final class Registration implements Watch {
    private final String subtree;
    private final Runnable onChange;
    private final AtomicBoolean marked = new AtomicBoolean(true);

    Registration(String subtree, Runnable onChange) {
      this.subtree = subtree;
      this.onChange = onChange;
    }

    boolean holds(String path) {
      return path.startsWith(subtree)
          && (path.length() == subtree.length()
              || subtree.equals("/")
              || path.charAt(subtree.length()) == '/');
    }

    void callIfMarked() {
      if (marked.compareAndSet(true, false) && registrations.contains(this)) {
        try {
          onChange.run();
        } catch (RuntimeException e) {
          log.warn("a watch of {} failed and will be called again at the next change", subtree, e);
        }
      }
    }

    @Override
    public void close() {
      registrations.remove(this);
    }
  }

  private final Connection connection;
  private final String top;
  private final List<Registration> registrations = new CopyOnWriteArrayList<>();
  private final Semaphore work = new Semaphore(0);
  private final Watcher watcher = this::happened;
  private volatile boolean closed;

  /**
   * @param top where the tree begins on the servers
   */
  Watches(Connection connection, String top) {
    this.connection = connection;
    this.top = top;
  }

  /** Starts calling; the request to set the watch must have been answered before. */
  void start() {
    Thread.ofPlatform().daemon().name("pgfleet-agreement-watch").start(this::run);
    connection.onReconnected(this::setAgain);
    connection.onLost(this::markAll);
  }

  /** The request that sets the standing watch. */
  Connection.Request setting() {
    return (servers, answer) ->
        servers
            .watchers()
            .add()
            .withMode(AddWatchMode.PERSISTENT_RECURSIVE)
            .inBackground(answer)
            .usingWatcher(watcher)
            .forPath(top);
  }

  private void setAgain() {
    var _ =
        connection
            .send(setting())
            .thenAccept(answer -> {
              if (answer.isOk()) {
                markAll();
              } else if (answer.code() != Code.CONNECTIONLOSS) {
                log.warn("the watch of the agreed state was not set again: {}", answer.code());
              }
            });
  }

  Watch add(String subtree, Runnable onChange) {
    Registration registration = new Registration(subtree, onChange);
    registrations.add(registration);
    work.release();
    return registration;
  }

  private void happened(WatchedEvent event) {
    String path = event.getPath();
    if (path == null || !path.startsWith(top)) {
      return;
    }
    String within = path.length() == top.length() ? "/" : path.substring(top.length());
    for (Registration registration : registrations) {
      if (registration.holds(within)) {
        registration.marked.set(true);
      }
    }
    work.release();
  }

  private void markAll() {
    registrations.forEach(registration -> registration.marked.set(true));
    work.release();
  }

  private void run() {
    while (!closed) {
      work.acquireUninterruptibly();
      work.drainPermits();
      registrations.forEach(Registration::callIfMarked);
    }
  }

  /** Ends the thread after the calls that are due. */
  void close() {
    closed = true;
    work.release();
  }
}
