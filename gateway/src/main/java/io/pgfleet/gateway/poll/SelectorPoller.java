package io.pgfleet.gateway.poll;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.WritableByteChannel;

/** The JDK's selector, on every system. */
final class SelectorPoller<T> implements Poller<T> {
  private final Selector selector;

  SelectorPoller() throws IOException {
    selector = Selector.open();
  }

  @Override
  public Watched register(SelectableChannel channel, int operations, T attachment)
      throws IOException {
    Key<T> watched = new Key<>(channel, attachment);
    watched.key = channel.register(selector, operations, watched);
    return watched;
  }

  @Override
  @SuppressWarnings("unchecked") // this poller's keys carry nothing else
  public void await(long millis, Handler<T> handler) throws IOException {
    java.util.function.Consumer<SelectionKey> each =
        key -> {
          if (key.isValid()) {
            handler.ready(((Key<T>) key.attachment()).attachment, key.readyOps());
          }
        };
    if (millis == 0) {
      selector.selectNow(each);
    } else {
      selector.select(each, millis);
    }
  }

  @Override
  public void wakeUp() {
    selector.wakeup();
  }

  @Override
  @SuppressWarnings("unchecked") // this poller's keys carry nothing else
  public java.util.List<T> attachments() {
    return selector.keys().stream()
        .filter(SelectionKey::isValid)
        .map(key -> ((Key<T>) key.attachment()).attachment)
        .toList();
  }

  @Override
  public void close() {
    try {
      selector.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static final class Key<T> implements Watched {
    private final SelectableChannel channel;
    private final T attachment;
    private @org.jspecify.annotations.Nullable SelectionKey key;

    Key(SelectableChannel channel, T attachment) {
      this.channel = channel;
      this.attachment = attachment;
    }

    private SelectionKey key() {
      return java.util.Objects.requireNonNull(key);
    }

    @Override
    public int interest() {
      return key().isValid() ? key().interestOps() : 0;
    }

    @Override
    public void interest(int operations) {
      if (key().isValid() && key().interestOps() != operations) {
        key().interestOps(operations);
      }
    }

    @Override
    public boolean valid() {
      return key().isValid();
    }

    @Override
    public void cancel() {
      key().cancel();
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
      return ((ReadableByteChannel) channel).read(into);
    }

    @Override
    public int write(ByteBuffer from) throws IOException {
      return ((WritableByteChannel) channel).write(from);
    }
  }
}
