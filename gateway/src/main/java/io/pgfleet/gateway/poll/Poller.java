package io.pgfleet.gateway.poll;

import java.io.IOException;
import java.nio.channels.SelectableChannel;

/**
 * Waits for many sockets at once. For one thread, {@link #wakeUp} apart.
 *
 * @param <T> what a socket stands for
 */
public sealed interface Poller<T> extends AutoCloseable permits SelectorPoller, EpollPoller {
  /** Told of each socket that can do something. */
  interface Handler<T> {
    /**
     * One socket is ready.
     *
     * @param operations as in {@link java.nio.channels.SelectionKey}; a broken connection is ready
     *     for all that was asked about
     */
    void ready(T attachment, int operations);
  }

  /** The fastest poller that this machine and this JVM allow. */
  static <T> Poller<T> open() throws IOException {
    return Epoll.available() ? new EpollPoller<>() : new SelectorPoller<>();
  }

  /**
   * Begins to watch a non-blocking channel.
   *
   * @param operations as in {@link java.nio.channels.SelectionKey}
   */
  Watched register(SelectableChannel channel, int operations, T attachment) throws IOException;

  /**
   * Waits until a socket is ready, {@link #wakeUp} is called or the time has passed, and tells the
   * handler of every socket that is ready.
   *
   * @param millis 0 to look without waiting
   */
  void await(long millis, Handler<T> handler) throws IOException;

  /** Ends the wait of now, or the next; from any thread. */
  void wakeUp();

  /** What the sockets stand for that are watched now. */
  java.util.List<T> attachments();

  /** Forgets all sockets, without closing them. */
  @Override
  void close();
}
