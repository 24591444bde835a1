package io.pgfleet.gateway;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Collects what one step sends to one connection and writes it at once. Bytes that pass unchanged
 * stay where they are as long as nothing else joins them: then they are written straight from the
 * read buffer.
 */
final class Gather {
  private final ByteBuffer staged;
  private @Nullable Outbox target;
  private @Nullable ByteBuffer runSource;
  private int runFrom;
  private int runTo;
  private @Nullable IOException failure;

  Gather(int capacity) {
    staged = ByteBuffer.allocateDirect(capacity);
  }

  /** Names where it goes to, or nowhere. */
  void begin(@Nullable Outbox newTarget) {
    target = newTarget;
    runSource = null;
    staged.clear();
    failure = null;
  }

  /** Adds bytes of the source that must stay unchanged till {@link #finish}. */
  @SuppressWarnings("ReferenceEquality") // the same buffer, not one with equal bytes
  void run(ByteBuffer source, int from, int to) {
    if (runSource == source && runTo == from) {
      runTo = to;
      return;
    }
    settle();
    runSource = source;
    runFrom = from;
    runTo = to;
  }

  void put(byte value) {
    room(1);
    staged.put(value);
  }

  void putShort(short value) {
    room(2);
    staged.putShort(value);
  }

  void putInt(int value) {
    room(4);
    staged.putInt(value);
  }

  void put(byte[] bytes) {
    settle();
    if (bytes.length > staged.remaining()) {
      spill();
      if (bytes.length > staged.remaining()) {
        write(ByteBuffer.wrap(bytes));
        return;
      }
    }
    staged.put(bytes);
  }

  private void room(int size) {
    settle();
    if (staged.remaining() < size) {
      spill();
    }
  }

  /** Moves the run behind what is staged. */
  private void settle() {
    ByteBuffer source = runSource;
    if (source == null) {
      return;
    }
    runSource = null;
    int size = runTo - runFrom;
    if (size > staged.remaining()) {
      spill();
    }
    if (size <= staged.remaining()) {
      staged.put(staged.position(), source, runFrom, size);
      staged.position(staged.position() + size);
    } else {
      writeRun(source);
    }
  }

  private void writeRun(ByteBuffer source) {
    int position = source.position();
    int limit = source.limit();
    source.limit(runTo).position(runFrom);
    write(source);
    source.limit(limit).position(position);
  }

  private void spill() {
    if (staged.position() > 0) {
      staged.flip();
      write(staged);
      staged.clear();
    }
  }

  private void write(ByteBuffer bytes) {
    Outbox out = target;
    if (out == null || failure != null) {
      return;
    }
    try {
      out.write(bytes);
    } catch (IOException e) {
      failure = e;
    }
  }

  /** Writes all; the connection is of no more use if that fails. */
  void finish() throws IOException {
    ByteBuffer source = runSource;
    if (source != null && staged.position() == 0) {
      runSource = null;
      writeRun(source);
    } else {
      settle();
      spill();
    }
    target = null;
    IOException failed = failure;
    if (failed != null) {
      failure = null;
      throw failed;
    }
  }
}
