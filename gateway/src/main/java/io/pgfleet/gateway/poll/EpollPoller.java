package io.pgfleet.gateway.poll;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * epoll(7), level-triggered. Changes of interest are made known to the kernel just before the next
 * wait, so that one that is taken back in between costs nothing.
 */
final class EpollPoller<T> implements Poller<T> {
  private static final int EVENTS = 512;
  private static final int SCRATCH = 64 << 10;
  private static final int WAKE = -1;

  private final int epoll;
  private final int wake;
  private final ByteBuffer events =
      ByteBuffer.allocateDirect(EVENTS * Epoll.EVENT_SIZE).order(ByteOrder.nativeOrder());
  private final long eventsAddress = address(events);
  private final ByteBuffer event =
      ByteBuffer.allocateDirect(Epoll.EVENT_SIZE).order(ByteOrder.nativeOrder());
  private final long eventAddress = address(event);
  private final ByteBuffer scratch = ByteBuffer.allocateDirect(SCRATCH);
  private final long scratchAddress = address(scratch);

  /** Wakers write from their own threads. */
  private final ByteBuffer one = ByteBuffer.allocateDirect(8).order(ByteOrder.nativeOrder());

  private final long oneAddress = address(one.putLong(0, 1));
  private final AtomicBoolean woken = new AtomicBoolean();
  private final ArrayDeque<Socket> changed = new ArrayDeque<>();
  private final List<Integer> freed = new ArrayList<>();
  private @Nullable Socket[] slots = newSlots(64);
  private int[] free = new int[64];
  private int freeCount;
  private int used;
  private final MemorySegment errno = Epoll.errnoRoom();
  private @Nullable ByteBuffer known;
  private long knownAddress;
  private @Nullable ByteBuffer knownBefore;
  private long knownBeforeAddress;
  private boolean closed;

  EpollPoller() throws IOException {
    epoll = Epoll.create();
    wake = Epoll.eventDescriptor();
    if (epoll < 0 || wake < 0) {
      throw new IOException("no more file descriptors for epoll");
    }
    if (control(Epoll.CTL_ADD, wake, Epoll.IN, WAKE) < 0) {
      throw new IOException("epoll refuses its own wake-up descriptor");
    }
  }

  @SuppressWarnings("unchecked") // an array of a generic inner class can't be made otherwise
  private @Nullable Socket[] newSlots(int size) {
    return (Socket[]) java.lang.reflect.Array.newInstance(Socket.class, size);
  }

  private static long address(ByteBuffer direct) {
    return MemorySegment.ofBuffer(direct.duplicate().clear()).address();
  }

  @Override
  public Watched register(SelectableChannel channel, int operations, T attachment)
      throws IOException {
    Socket socket = new Socket(Epoll.descriptor(channel), attachment);
    socket.slot = slot(socket);
    socket.interest(operations);
    if (!socket.apply()) {
      socket.cancel();
      throw new IOException("epoll takes no more sockets");
    }
    return socket;
  }

  private int slot(Socket socket) {
    int at;
    if (freeCount > 0) {
      at = free[--freeCount];
    } else {
      if (used == slots.length) {
        slots = Arrays.copyOf(slots, used * 2);
      }
      at = used++;
    }
    slots[at] = socket;
    return at;
  }

  private int control(int operation, int descriptor, int flags, int slot) {
    event.putInt(0, flags).putLong(Epoll.EVENT_DATA, slot);
    return Epoll.control(epoll, operation, descriptor, eventAddress);
  }

  @Override
  public void await(long millis, Handler<T> handler) throws IOException {
    applyChanges();
    int most = EVENTS;
    int count;
    if (millis == 0 || woken.get()) {
      count = Math.max(0, Epoll.look(epoll, eventsAddress, most));
    } else {
      count =
          Epoll.await(errno, epoll, eventsAddress, most, (int) Math.min(millis, Integer.MAX_VALUE));
      if (count < 0 && Epoll.errno(errno) != Epoll.EINTR) {
        throw new IOException("epoll_wait failed with errno " + Epoll.errno(errno));
      }
    }
    for (int i = 0; i < count; i++) {
      int at = i * Epoll.EVENT_SIZE;
      int slot = (int) events.getLong(at + Epoll.EVENT_DATA);
      if (slot == WAKE) {
        Epoll.read(wake, scratchAddress, 8);
        woken.set(false);
        continue;
      }
      Socket socket = slots[slot];
      if (socket != null) {
        int ready = socket.ready(events.getInt(at));
        if (ready != 0) {
          handler.ready(socket.attachment, ready);
        }
      }
    }
    // only now may a slot be given to another socket: events for the former one could be left
    for (int slot : freed) {
      if (freeCount == free.length) {
        free = Arrays.copyOf(free, freeCount * 2);
      }
      free[freeCount++] = slot;
    }
    freed.clear();
  }

  /** A socket that was closed and not cancelled is none of the kernel's any more: no harm. */
  private void applyChanges() {
    for (Socket socket = changed.poll(); socket != null; socket = changed.poll()) {
      socket.apply();
    }
  }

  @Override
  public void wakeUp() {
    if (woken.compareAndSet(false, true)) {
      synchronized (woken) {
        if (!closed) {
          Epoll.write(wake, oneAddress, 8);
        }
      }
    }
  }

  @Override
  public List<T> attachments() {
    List<T> found = new ArrayList<>();
    for (Socket socket : slots) {
      if (socket != null) {
        found.add(socket.attachment);
      }
    }
    return found;
  }

  @Override
  public void close() {
    synchronized (woken) {
      if (!closed) {
        closed = true;
        Epoll.close(wake);
        Epoll.close(epoll);
      }
    }
  }

  /** The address of a direct buffer's first byte; the loop's few buffers come again and again. */
  @SuppressWarnings("ReferenceEquality") // the same buffer, not one with equal bytes
  private long addressOf(ByteBuffer buffer) {
    if (buffer == known) {
      return knownAddress;
    }
    long found = buffer == knownBefore ? knownBeforeAddress : address(buffer);
    knownBefore = known;
    knownBeforeAddress = knownAddress;
    known = buffer;
    knownAddress = found;
    return found;
  }

  private final class Socket implements Watched {
    private final int descriptor;
    private final T attachment;
    private int slot;
    private int interest;
    private int applied;
    private boolean waiting;
    private boolean cancelled;

    Socket(int descriptor, T attachment) {
      this.descriptor = descriptor;
      this.attachment = attachment;
    }

    @Override
    public int interest() {
      return interest;
    }

    @Override
    public void interest(int operations) {
      interest = operations;
      if (!waiting && operations != applied && !cancelled) {
        waiting = true;
        changed.add(this);
      }
    }

    /** A socket nobody asks about is taken out, or its end would wake the loop for ever. */
    private boolean apply() {
      waiting = false;
      if (cancelled || interest == applied) {
        return true;
      }
      int operation = applied == 0 ? Epoll.CTL_ADD : interest == 0 ? Epoll.CTL_DEL : Epoll.CTL_MOD;
      applied = interest;
      return control(operation, descriptor, flags(interest), slot) >= 0;
    }

    private static int flags(int operations) {
      int flags = 0;
      if ((operations & (SelectionKey.OP_READ | SelectionKey.OP_ACCEPT)) != 0) {
        flags |= Epoll.IN;
      }
      if ((operations & (SelectionKey.OP_WRITE | SelectionKey.OP_CONNECT)) != 0) {
        flags |= Epoll.OUT;
      }
      return flags;
    }

    private int ready(int flags) {
      if ((flags & (Epoll.ERR | Epoll.HUP)) != 0) {
        return interest;
      }
      int ready = 0;
      if ((flags & Epoll.IN) != 0) {
        ready |= SelectionKey.OP_READ | SelectionKey.OP_ACCEPT;
      }
      if ((flags & Epoll.OUT) != 0) {
        ready |= SelectionKey.OP_WRITE | SelectionKey.OP_CONNECT;
      }
      return ready & interest;
    }

    @Override
    public boolean valid() {
      return !cancelled;
    }

    @Override
    public void cancel() {
      if (cancelled) {
        return;
      }
      cancelled = true;
      if (applied != 0 && !closed) {
        control(Epoll.CTL_DEL, descriptor, 0, slot);
      }
      slots[slot] = null;
      freed.add(slot);
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
      check();
      int room = into.remaining();
      if (room == 0) {
        return 0;
      }
      if (into.isDirect()) {
        int count =
            received(Epoll.receive(errno, descriptor, addressOf(into) + into.position(), room));
        if (count > 0) {
          into.position(into.position() + count);
        }
        return count;
      }
      int count =
          received(Epoll.receive(errno, descriptor, scratchAddress, Math.min(room, SCRATCH)));
      if (count > 0) {
        into.put(scratch.clear().limit(count));
      }
      return count;
    }

    private int received(long count) throws IOException {
      if (count > 0) {
        return (int) count;
      }
      if (count == 0) {
        return -1;
      }
      return failed("recv");
    }

    /** Nothing now, or an error that ends the connection. */
    private int failed(String call) throws IOException {
      int error = Epoll.errno(errno);
      if (error == Epoll.EAGAIN || error == Epoll.EINTR) {
        return 0;
      }
      throw new IOException(
          switch (error) {
            case 104 -> "Connection reset by peer";
            case 32 -> "Broken pipe";
            case 110 -> "Connection timed out";
            default -> call + " failed with errno " + error;
          });
    }

    @Override
    public int write(ByteBuffer from) throws IOException {
      check();
      int size = from.remaining();
      if (size == 0) {
        return 0;
      }
      if (from.isDirect()) {
        long count = Epoll.send(errno, descriptor, addressOf(from) + from.position(), size);
        return sent(from, count);
      }
      int part = Math.min(size, SCRATCH);
      scratch.clear().put(0, from, from.position(), part);
      return sent(from, Epoll.send(errno, descriptor, scratchAddress, part));
    }

    private int sent(ByteBuffer from, long count) throws IOException {
      if (count < 0) {
        return failed("send");
      }
      from.position(from.position() + (int) count);
      return (int) count;
    }

    private void check() throws IOException {
      if (cancelled) {
        throw new java.nio.channels.ClosedChannelException();
      }
    }
  }
}
