package io.pgfleet.postgres;

import io.pgfleet.postgres.host.ProcessEye;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * Tells once, within about 20 ms, when a postmaster's process is gone; one that has ended without
 * being fetched by its parent counts as gone, and so does a number given to another process. It
 * reads one small file of {@code /proc} fifty times a second, a ten-thousandth of a core.
 */
public final class PostmasterWatch implements AutoCloseable {
  private static final long INTERVAL_NANOS = 20_000_000;

  private final AtomicBoolean closed = new AtomicBoolean();
  private final Thread thread;

  private PostmasterWatch(ProcessEye eye, Runnable whenGone) {
    this.thread =
        Thread.ofPlatform()
            .daemon()
            .name("postmaster-watch")
            .unstarted(() -> {
              try (eye) {
                while (eye.sees()) {
                  LockSupport.parkNanos(INTERVAL_NANOS);
                  if (closed.get()) {
                    return;
                  }
                }
              } catch (IOException ignored) {
                // only from closing the eye
              }
              if (closed.compareAndSet(false, true)) {
                whenGone.run();
              }
            });
  }

  /**
   * Begins to watch.
   *
   * @param pid the postmaster's, as in {@link ServerStatus.Running}
   * @param whenGone called once, on the watch's own thread; at once if the process is gone already
   */
  public static PostmasterWatch begin(long pid, Runnable whenGone) {
    PostmasterWatch watch = new PostmasterWatch(ProcessEye.on(pid), whenGone);
    watch.thread.start();
    return watch;
  }

  /** Ends the watch; nothing is told any more. */
  @Override
  public void close() {
    closed.set(true);
    LockSupport.unpark(thread);
  }
}
