package io.pgfleet.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PostmasterWatchIT {
  @Test
  void a_killed_postmaster_is_told_once() throws Exception {
    try (Sandbox sandbox = new Sandbox()) {
      Server server = sandbox.started(Sandbox.embedded(), "data");
      CountDownLatch gone = new CountDownLatch(1);
      AtomicInteger calls = new AtomicInteger();
      long pid = Sandbox.running(server).pid();
      try (PostmasterWatch watch =
          PostmasterWatch.begin(
              pid,
              () -> {
                calls.incrementAndGet();
                gone.countDown();
              })) {
        assertThat(gone.getCount()).isEqualTo(1);
        long begin = System.nanoTime();
        ProcessHandle.of(pid).orElseThrow().destroyForcibly();
        assertThat(gone.await(30, TimeUnit.SECONDS)).isTrue();
        System.out.println(
            "a dead postmaster was noticed after "
                + (System.nanoTime() - begin) / 1_000_000
                + " ms");
        assertThat(watch).isNotNull();
      }
      assertThat(calls).hasValue(1);
    }
  }

  @Test
  void a_zombie_counts_as_gone() throws Exception {
    // The shell becomes a sleep that never fetches its child, which stays a zombie.
    Process parent =
        new ProcessBuilder("/bin/sh", "-c", "sleep 0.2 & echo $!; exec sleep 1000").start();
    try {
      long child = Long.parseLong(parent.inputReader().readLine());
      CountDownLatch gone = new CountDownLatch(1);
      try (PostmasterWatch watch = PostmasterWatch.begin(child, gone::countDown)) {
        assertThat(gone.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(watch).isNotNull();
      }
    } finally {
      parent.destroyForcibly();
    }
  }

  @Test
  void a_closed_watch_is_silent() throws Exception {
    Process process = new ProcessBuilder("sleep", "1000").start();
    AtomicInteger calls = new AtomicInteger();
    PostmasterWatch.begin(process.pid(), calls::incrementAndGet).close();
    process.destroyForcibly().waitFor();
    Thread.sleep(100);
    assertThat(calls).hasValue(0);
  }
}
