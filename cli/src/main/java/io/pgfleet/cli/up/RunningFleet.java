package io.pgfleet.cli.up;

import io.pgfleet.cli.control.ControlPoint;
import io.pgfleet.cli.control.ControlServer;
import io.pgfleet.cli.control.Reply;
import io.pgfleet.cli.control.Request;
import io.pgfleet.cli.control.StatusReport;
import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.cli.fleet.FleetChoice.Fleet;
import io.pgfleet.cli.fleet.FleetHome;
import io.pgfleet.cli.fleet.FleetRegistry;
import io.pgfleet.cli.fleet.Folders;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A fleet's program with what a user needs around it: one at a time, reachable by other commands,
 * its databases filled when they are new.
 */
public final class RunningFleet implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RunningFleet.class);

  private final Fleet fleet;
  private final FileChannel lock;
  private final FleetProgram program;
  private final OperatorRequests operators;
  private final ControlServer control;
  private final CountDownLatch asked = new CountDownLatch(1);
  private final CountDownLatch stopped = new CountDownLatch(1);

  private RunningFleet(Fleet fleet, FileChannel lock, FleetProgram program) throws IOException {
    this.fleet = fleet;
    this.lock = lock;
    this.program = program;
    this.operators = new OperatorRequests(program, fleet);
    this.control = ControlServer.start(ControlPoint.ofUp(fleet.record().home()), this::handle);
  }

  /** Starts a fleet. */
  public static RunningFleet start(Fleet fleet, Folders folders, Consumer<String> said) {
    FleetHome home = fleet.record().home();
    prepare(home);
    FileChannel lock =
        lock(
            home.lock(),
            "fleet " + home.name() + " is already running",
            "'pgfleet status' shows it, 'pgfleet down' stops it");
    try {
      FleetProgram program = FleetProgram.start(fleet, folders, said);
      new FleetRegistry(folders).remember(fleet.record());
      RunningFleet running = new RunningFleet(fleet, lock, program);
      Thread.ofPlatform().daemon().name("first-run").start(running::firstRun);
      return running;
    } catch (IOException | RuntimeException e) {
      release(lock);
      if (e instanceof RuntimeException unchecked) {
        throw unchecked;
      }
      throw new CommandFailure("can't listen for commands: " + e.getMessage(), "");
    }
  }

  static void prepare(FleetHome home) {
    try {
      Files.createDirectories(home.folder());
      boolean root = System.getProperty("user.name").equals("root");
      // The servers' own user must be able to pass through; what is secret is closed by itself.
      Files.setPosixFilePermissions(
          home.folder(), PosixFilePermissions.fromString(root ? "rwxr-xr-x" : "rwx------"));
    } catch (IOException e) {
      throw new CommandFailure(
          "can't make the fleet's folder " + home.folder() + ": " + e.getMessage(),
          "make its parent writable, or set 'data:' in fleet.yaml or PGFLEET_HOME to another place");
    }
  }

  /** Holds a file until the channel is closed; the words tell what it means if another does. */
  static FileChannel lock(Path file, String taken, String hint) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileLock held = channel.tryLock();
      if (held == null) {
        channel.close();
        throw new CommandFailure(taken, hint);
      }
      return channel;
    } catch (IOException e) {
      throw new CommandFailure(
          "can't lock " + file + ": " + e.getMessage(), "see that the folder can be written to");
    }
  }

  static void release(FileChannel lock) {
    try {
      lock.close();
    } catch (IOException e) {
      log.debug("the lock ends with the process", e);
    }
  }

  /** Waits for a primary, fills new databases, and ends start-up. */
  private void firstRun() {
    try {
      program.observe();
      while (program.status().groups().getFirst().primary().isEmpty()) {
        Thread.sleep(50);
      }
      FirstData.through(fleet, program).run();
      program.step("waiting for the standbys");
      while (!program.standbysFollow()) {
        Thread.sleep(50);
      }
      program.step("");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (CommandFailure e) {
      log.error("{} ({})", e.getMessage(), e.hint());
      program.fail(e);
    }
  }

  private Reply handle(Request request, Consumer<String> progress) {
    return switch (request.command()) {
      case "status" -> Reply.status(status());
      case "down" -> {
        stopServers(progress);
        yield Reply.text("stopped");
      }
      case "reload" -> Reply.text(program.reload());
      default -> operators.handle(request, progress);
    };
  }

  public StatusReport status() {
    return program.status();
  }

  /** How applications connect. */
  public List<Connections> connections() {
    return Connections.of(fleet.spec(), program.nodes().passwords());
  }

  /**
   * Stops servers and roles. Returns when all are down, which takes another thread that waits in
   * {@link #awaitStop} and then calls {@link #close}.
   */
  public void stopServers(Consumer<String> progress) {
    program.stopServers(progress);
    asked.countDown();
    awaitEnd(stopped);
  }

  /** Waits until a command, or the caller, has stopped the fleet. */
  public void awaitStop() {
    awaitEnd(asked);
  }

  /** Whether it has been stopped, or broke down. */
  public boolean isStopping() {
    return asked.getCount() == 0;
  }

  /** Why the program can't go on, if so. */
  public java.util.Optional<String> failure() {
    return java.util.Optional.ofNullable(program.failure());
  }

  private static void awaitEnd(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends the roles and forgets the socket; the servers stay as they are. */
  @Override
  public void close() {
    program.close();
    release(lock);
    stopped.countDown();
    try {
      control.close();
    } catch (IOException e) {
      log.debug("the control socket could not be closed", e);
    }
  }
}
