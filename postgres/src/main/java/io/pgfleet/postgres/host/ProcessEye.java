package io.pgfleet.postgres.host;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Looks whether one process still runs. On Linux it keeps {@code /proc/PID/stat} open: the kernel
 * binds the open file to the process, not to its number, so that a new process of the same number
 * is never taken for it.
 */
public final class ProcessEye implements AutoCloseable {
  private static final int STAT_BYTES = 512;

  private final long pid;
  private final @Nullable FileChannel stat;
  private final @Nullable ProcessHandle handle;
  private final ByteBuffer buffer = ByteBuffer.allocate(STAT_BYTES);

  private ProcessEye(long pid, @Nullable FileChannel stat, @Nullable ProcessHandle handle) {
    this.pid = pid;
    this.stat = stat;
    this.handle = handle;
  }

  /** An eye on a process, which may be gone already. */
  public static ProcessEye on(long pid) {
    if (!Processes.haveProc()) {
      return new ProcessEye(pid, null, ProcessHandle.of(pid).orElse(null));
    }
    try {
      return new ProcessEye(pid, FileChannel.open(Path.of("/proc/" + pid + "/stat")), null);
    } catch (IOException e) {
      return new ProcessEye(pid, null, null);
    }
  }

  /** The process's number. */
  public long pid() {
    return pid;
  }

  /** Whether the process runs; once it does not, it never will. */
  public boolean sees() {
    if (stat == null) {
      return handle != null && handle.isAlive();
    }
    try {
      buffer.clear();
      int count = stat.read(buffer, 0);
      return count > 0
          && !Processes.isOver(new String(buffer.array(), 0, count, StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      return false; // ESRCH: the process has been fetched by its parent
    }
  }

  @Override
  public void close() throws IOException {
    if (stat != null) {
      stat.close();
    }
  }
}
