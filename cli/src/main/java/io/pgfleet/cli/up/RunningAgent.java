package io.pgfleet.cli.up;

import io.pgfleet.cli.control.ControlPoint;
import io.pgfleet.cli.control.ControlServer;
import io.pgfleet.cli.control.Reply;
import io.pgfleet.cli.control.Request;
import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.cli.fleet.FleetChoice.Fleet;
import io.pgfleet.cli.fleet.FleetHome;
import io.pgfleet.cli.fleet.FleetRegistry;
import io.pgfleet.cli.fleet.Folders;
import io.pgfleet.spec.NodeName;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An agent's program with what a user needs around it: one at a time for a node, reachable by other
 * commands, new databases filled by the agent that leads.
 */
public final class RunningAgent {
  private static final Logger log = LoggerFactory.getLogger(RunningAgent.class);
  private static final Duration LOOK = Duration.ofMillis(100);
  private static final Duration CERTIFICATE_LOOK = Duration.ofSeconds(10);

  private final Fleet fleet;
  private final FileChannel lock;
  private final AgentProgram program;
  private final ControlServer control;
  private final AtomicBoolean leaving = new AtomicBoolean();
  private final CountDownLatch left = new CountDownLatch(1);

  private RunningAgent(Fleet fleet, NodeName node, FileChannel lock, AgentProgram program)
      throws IOException {
    this.fleet = fleet;
    this.lock = lock;
    this.program = program;
    this.control =
        ControlServer.start(ControlPoint.ofAgent(fleet.record().home(), node), this::handle);
  }

  /**
   * Starts the agent of a node or witness.
   *
   * @throws CommandFailure if it can't be; nothing has changed then
   */
  public static RunningAgent start(
      Fleet fleet, NodeName node, Folders folders, Consumer<String> said) {
    FleetHome home = fleet.record().home();
    RunningFleet.prepare(home);
    FileChannel lock =
        RunningFleet.lock(
            home.agentLock(node),
            "the agent of " + node + " in fleet " + home.name() + " is already running",
            "'pgfleet agent --node " + node + " --stop' ends it");
    try {
      AgentProgram program = AgentProgram.start(fleet, node, folders, said);
      new FleetRegistry(folders).remember(fleet.record());
      RunningAgent running = new RunningAgent(fleet, node, lock, program);
      Thread.ofPlatform().daemon().name("first-run").start(running::firstRun);
      Thread.ofPlatform().daemon().name("certificates").start(running::watchCertificate);
      return running;
    } catch (IOException | RuntimeException e) {
      RunningFleet.release(lock);
      if (e instanceof RuntimeException unchecked) {
        throw unchecked;
      }
      throw new CommandFailure("can't listen for commands: " + e.getMessage(), "");
    }
  }

  /** Of all agents the one that leads fills new databases; the others see that there is one. */
  private void firstRun() {
    try {
      program.observe();
      program.step("waiting for a primary");
      while (!program.hasPrimary()) {
        Thread.sleep(LOOK);
      }
      program.adoptSettings();
      if (program.leads()) {
        program.fillDatabases();
      }
      program.step("");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (CommandFailure e) {
      log.error("{} ({})", e.getMessage(), e.hint());
      program.step("start-up failed: " + e.getMessage());
    }
  }

  private void watchCertificate() {
    Optional<FileTime> seen = certificate();
    try {
      while (true) {
        Thread.sleep(CERTIFICATE_LOOK);
        Optional<FileTime> now = certificate();
        if (!now.equals(seen) && now.isPresent()) {
          log.info("the host's certificate has changed");
          program.renewed();
        }
        seen = now;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The file that is written last of those of a certificate. */
  private Optional<FileTime> certificate() {
    return HostTls.of(fleet)
        .flatMap(tls -> {
          try {
            return Optional.of(Files.getLastModifiedTime(tls.files().identity()));
          } catch (IOException e) {
            return Optional.empty();
          }
        });
  }

  private Reply handle(Request request, Consumer<String> progress) {
    return switch (request.command()) {
      case "status" -> Reply.status(program.status());
      case "stop" -> {
        leave(request.option("server"), progress);
        yield Reply.text("the agent has ended");
      }
      default -> Reply.error("no such request: " + request.command(), "");
    };
  }

  /** Ends the agent; see {@link AgentProgram#leave}. Returns when it has. */
  public void leave(boolean withServer, Consumer<String> progress) {
    if (leaving.compareAndSet(false, true)) {
      program.leave(
          withServer,
          words -> {
            log.info("{}", words);
            progress.accept(words);
          });
      RunningFleet.release(lock);
      left.countDown();
    } else {
      awaitLeft();
    }
  }

  /** Waits until it has left, or can't go on; then says why. */
  public Optional<String> await() throws InterruptedException {
    while (left.getCount() > 0) {
      String failure = program.failure();
      if (failure != null && !leaving.get()) {
        return Optional.of(failure);
      }
      Thread.sleep(LOOK);
    }
    try {
      control.close();
    } catch (IOException e) {
      log.debug("the control socket could not be closed", e);
    }
    return Optional.empty();
  }

  private void awaitLeft() {
    try {
      left.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
