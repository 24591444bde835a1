package io.pgfleet.cli.up;

import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.cli.fleet.FleetChoice;
import io.pgfleet.cli.fleet.FleetHome;
import io.pgfleet.cli.fleet.FleetRecord;
import io.pgfleet.postgres.data.DataFolder;
import io.pgfleet.postgres.data.PostmasterPid;
import io.pgfleet.postgres.host.FileTrees;
import io.pgfleet.postgres.host.Processes;
import io.pgfleet.spec.NodeSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** A fleet that no program runs: servers may still be there, and data. */
public final class StoppedFleet {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final FleetHome home;
  private final List<Path> dataFolders;

  private StoppedFleet(FleetHome home, List<Path> dataFolders) {
    this.home = home;
    this.dataFolders = dataFolders;
  }

  /** The fleet of a record; its file must still be there and right. */
  public static StoppedFleet of(FleetRecord record) {
    List<Path> folders = new ArrayList<>();
    FleetChoice.spec(record)
        .groups()
        .forEach(group -> {
          for (NodeSpec node : group.nodes()) {
            folders.add(node.data().orElseGet(() -> record.home().nodeData(node.name())));
          }
        });
    return new StoppedFleet(record.home(), folders);
  }

  /** Stops servers that still run, a primary first; whether there were any. */
  public boolean stopLeftovers(Consumer<String> progress) {
    List<DataFolder> running =
        dataFolders.stream()
            .map(DataFolder::new)
            .filter(folder -> postmaster(folder).isPresent())
            .sorted(Comparator.comparing(DataFolder::isMarkedStandby))
            .toList();
    for (DataFolder folder : running) {
      progress.accept("stopping the server in " + folder.path());
      stop(folder);
    }
    return !running.isEmpty();
  }

  private static Optional<PostmasterPid> postmaster(DataFolder folder) {
    return folder.content() == DataFolder.Content.DATA
        ? folder.postmasterPid().filter(pid -> pid.isAlive(folder.realPath()))
        : Optional.empty();
  }

  private static void stop(DataFolder folder) {
    long pid = postmaster(folder).map(PostmasterPid::pid).orElse(0L);
    if (pid == 0) {
      return;
    }
    try {
      // Fast shutdown (PostgreSQL manual, 'Shutting Down the Server').
      Processes.signal(pid, "INT");
      long began = System.nanoTime();
      while (Processes.runs(pid)) {
        if (System.nanoTime() - began > PATIENCE.toNanos()) {
          throw new CommandFailure(
              "the server in " + folder.path() + " (pid " + pid + ") is still stopping",
              "wait for it, and call 'pgfleet down' again");
        }
        Thread.sleep(20);
      }
    } catch (IOException e) {
      throw new CommandFailure(
          "the server in " + folder.path() + " can't be stopped: " + e.getMessage(),
          "stop it as the user that it runs as");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Deletes all data. */
  public void destroy() {
    try {
      for (Path folder : dataFolders) {
        FileTrees.delete(folder);
      }
      FileTrees.delete(home.folder());
    } catch (IOException e) {
      throw new CommandFailure(
          "the data could not be deleted: " + e.getMessage(),
          "delete " + home.folder() + " by hand");
    }
  }
}
