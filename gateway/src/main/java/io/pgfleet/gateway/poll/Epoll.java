package io.pgfleet.gateway.poll;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.reflect.Method;
import java.nio.channels.SelectableChannel;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The calls of Linux behind {@link EpollPoller}: epoll(7), eventfd(2), recv(2) and send(2), made
 * straight from Java. Calls that never block are made as critical ones (see {@link
 * Linker.Option#critical}), without the JVM's bookkeeping for threads that leave it; that is safe
 * since sockets here are all non-blocking.
 *
 * <p>Sockets are opened, accepted and closed by the JDK. Only their number is asked of it, which
 * takes {@code --add-exports java.base/sun.nio.ch=ALL-UNNAMED}; without that, or on another system,
 * {@link #available} is false.
 */
final class Epoll {
  static final int CTL_ADD = 1;
  static final int CTL_DEL = 2;
  static final int CTL_MOD = 3;
  static final int IN = 1;
  static final int OUT = 4;
  static final int ERR = 8;
  static final int HUP = 16;
  static final int EINTR = 4;
  static final int EAGAIN = 11;
  static final int MSG_DONTWAIT = 0x40;
  static final int MSG_NOSIGNAL = 0x4000;
  private static final int CLOEXEC = 0x80000;
  private static final int NONBLOCK = 0x800;

  private static final Logger LOG = LoggerFactory.getLogger(Epoll.class);
  private static final boolean LINUX =
      System.getProperty("os.name", "").toLowerCase(Locale.ROOT).equals("linux");
  private static final @Nullable Method DESCRIPTOR = LINUX ? descriptorMethod() : null;

  /** struct epoll_event is packed on x86-64 only (epoll_ctl(2)). */
  static final boolean PACKED = System.getProperty("os.arch", "").equals("amd64");

  static final int EVENT_SIZE = PACKED ? 12 : 16;
  static final int EVENT_DATA = PACKED ? 4 : 8;

  private Epoll() {}

  /** Whether this system has epoll and the JDK tells the numbers of its sockets. */
  static boolean available() {
    return DESCRIPTOR != null;
  }

  private static @Nullable Method descriptorMethod() {
    try {
      Method method = Class.forName("sun.nio.ch.SelChImpl").getMethod("getFDVal");
      try (var probe = java.nio.channels.SocketChannel.open()) {
        method.invoke(probe);
      }
      // fails here, rather than in a loop, where calls into the system's library are not allowed
      int queue = create();
      if (queue < 0 || close(queue) < 0) {
        throw new IOException("epoll_create1 failed");
      }
      return method;
    } catch (ReflectiveOperationException | IOException | RuntimeException | LinkageError e) {
      LOG.debug("Sockets are watched by the JDK's selector, epoll can't be used: {}", e.toString());
      return null;
    }
  }

  /** The file descriptor of a channel. */
  static int descriptor(SelectableChannel channel) throws IOException {
    Method method = DESCRIPTOR;
    if (method == null) {
      throw new IOException("file descriptors are not to be had");
    }
    try {
      return (int) method.invoke(channel);
    } catch (ReflectiveOperationException e) {
      throw new IOException("the channel has no file descriptor", e);
    }
  }

  /** The method handles, looked up only where they are used. */
  private static final class Calls {
    static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");
    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    static final MethodHandle CREATE = critical("epoll_create1", FunctionDescriptor.of(INT, INT));
    static final MethodHandle CTL =
        critical("epoll_ctl", FunctionDescriptor.of(INT, INT, INT, INT, LONG));
    static final MethodHandle LOOK =
        critical("epoll_wait", FunctionDescriptor.of(INT, INT, LONG, INT, INT));
    static final MethodHandle WAIT =
        handle("epoll_wait", FunctionDescriptor.of(INT, INT, LONG, INT, INT), ERRNO);
    static final MethodHandle EVENTFD = critical("eventfd", FunctionDescriptor.of(INT, INT, INT));
    static final MethodHandle CLOSE = critical("close", FunctionDescriptor.of(INT, INT));
    static final MethodHandle READ = critical("read", FunctionDescriptor.of(LONG, INT, LONG, LONG));
    static final MethodHandle WRITE =
        critical("write", FunctionDescriptor.of(LONG, INT, LONG, LONG));
    static final MethodHandle RECV =
        handle(
            "recv",
            FunctionDescriptor.of(LONG, INT, LONG, LONG, INT),
            Linker.Option.critical(false),
            ERRNO);
    static final MethodHandle SEND =
        handle(
            "send",
            FunctionDescriptor.of(LONG, INT, LONG, LONG, INT),
            Linker.Option.critical(false),
            ERRNO);

    private Calls() {}

    private static MethodHandle critical(String name, FunctionDescriptor form) {
      return handle(name, form, Linker.Option.critical(false));
    }

    @SuppressWarnings("restricted") // the launcher grants native access
    private static MethodHandle handle(
        String name, FunctionDescriptor form, Linker.Option... options) {
      Linker linker = Linker.nativeLinker();
      MemorySegment address =
          linker
              .defaultLookup()
              .find(name)
              .orElseThrow(() -> new UnsupportedOperationException("no " + name + " in libc"));
      return linker.downcallHandle(address, form, options);
    }
  }

  static int create() {
    try {
      return (int) Calls.CREATE.invokeExact(CLOEXEC);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  static int control(int epoll, int operation, int descriptor, long event) {
    try {
      return (int) Calls.CTL.invokeExact(epoll, operation, descriptor, event);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** Looks without waiting. */
  static int look(int epoll, long events, int most) {
    try {
      return (int) Calls.LOOK.invokeExact(epoll, events, most, 0);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  static int await(MemorySegment errno, int epoll, long events, int most, int millis) {
    try {
      return (int) Calls.WAIT.invokeExact(errno, epoll, events, most, millis);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  static int eventDescriptor() {
    try {
      return (int) Calls.EVENTFD.invokeExact(0, CLOEXEC | NONBLOCK);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  static int close(int descriptor) {
    try {
      return (int) Calls.CLOSE.invokeExact(descriptor);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  static long read(int descriptor, long address, long size) {
    try {
      return (long) Calls.READ.invokeExact(descriptor, address, size);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  static long write(int descriptor, long address, long size) {
    try {
      return (long) Calls.WRITE.invokeExact(descriptor, address, size);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  static long receive(MemorySegment errno, int socket, long address, long size) {
    try {
      return (long) Calls.RECV.invokeExact(errno, socket, address, size, MSG_DONTWAIT);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  static long send(MemorySegment errno, int socket, long address, long size) {
    try {
      return (long)
          Calls.SEND.invokeExact(errno, socket, address, size, MSG_DONTWAIT | MSG_NOSIGNAL);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** Room for the error number of a call. */
  static MemorySegment errnoRoom() {
    return Arena.ofAuto().allocate(Linker.Option.captureStateLayout());
  }

  /** The error number that the last call left, if it failed. */
  static int errno(MemorySegment room) {
    return room.get(ValueLayout.JAVA_INT, 0);
  }

  /** Calls of C throw nothing; this is for the compiler, and for errors of the JVM itself. */
  private static RuntimeException unexpected(Throwable e) {
    if (e instanceof Error error) {
      throw error;
    }
    return new IllegalStateException(e);
  }
}
