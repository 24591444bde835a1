package io.pgfleet.testkit.fleet;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A process that is started again one second after it ends by itself, as the units that {@code
 * pgfleet deploy systemd} writes say. One that a fault has killed stays away until it is started.
 */
final class Service implements AutoCloseable {
  private static final int RESTART_MILLIS = 1_000;

  /** Starts the process. */
  interface Start {
    /** Starts it. */
    Process run() throws IOException;
  }

  private final String name;
  private final Start start;
  private final Consumer<String> said;
  private Optional<Process> process = Optional.empty();
  private boolean wanted;

  Service(String name, Start start, Consumer<String> said) {
    this.name = name;
    this.start = start;
    this.said = said;
  }

  synchronized void start() throws IOException {
    if (process.filter(Process::isAlive).isPresent()) {
      return;
    }
    wanted = true;
    Process started = start.run();
    process = Optional.of(started);
    Thread.ofVirtual().name("service-" + name).start(() -> watch(started));
  }

  private void watch(Process watched) {
    try {
      int status = watched.waitFor();
      if (isWanted()) {
        said.accept(name + " ended by itself with status " + status + "; it is started again");
        Thread.sleep(RESTART_MILLIS);
        startIfWanted();
      }
    } catch (InterruptedException ignored) {
      // nobody watches any more
    } catch (IOException e) {
      said.accept(name + " could not be started again: " + e.getMessage());
    }
  }

  private synchronized boolean isWanted() {
    return wanted;
  }

  private synchronized void startIfWanted() throws IOException {
    if (wanted) {
      start();
    }
  }

  /** From now on its end is no reason to start it again. */
  synchronized void forget() {
    wanted = false;
  }

  void kill() throws InterruptedException {
    forget();
    Optional<Process> doomed = process();
    if (doomed.isPresent()) {
      doomed.get().destroyForcibly();
      doomed.get().waitFor(10, TimeUnit.SECONDS);
    }
  }

  synchronized Optional<Process> process() {
    return process.filter(Process::isAlive);
  }

  @Override
  public void close() {
    forget();
    process().ifPresent(Process::destroyForcibly);
  }
}
