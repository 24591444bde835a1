package io.pgfleet.postgres;

import io.pgfleet.postgres.data.DataFolder;
import io.pgfleet.postgres.data.PostmasterPid;
import io.pgfleet.postgres.data.PostmasterPid.Phase;
import io.pgfleet.postgres.host.Commands;
import io.pgfleet.postgres.host.FileTrees;
import io.pgfleet.postgres.host.Pauses;
import io.pgfleet.postgres.host.Processes;
import io.pgfleet.postgres.host.ServerException;
import io.pgfleet.postgres.host.ServerException.Kind;
import io.pgfleet.postgres.host.ServerUser;
import io.pgfleet.postgres.install.Installation;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One attempt to bring a postmaster up.
 *
 * <p>It is started in a session of its own with its output in its log, so that neither a Ctrl-C,
 * nor a closed terminal, nor the end of this program reaches it; being nonetheless this program's
 * child, its end is known at once while we wait. Java closes every other file in a child, so it
 * inherits none of our sockets.
 */
final class Launch {
  private static final int REASON_LINES = 20;
  private static final Duration ORPHANS_LEAVE = Duration.ofSeconds(2);
  private static final Duration ORPHANS_STAY = Duration.ofSeconds(10);

  private final Installation installation;
  private final DataFolder data;
  private final ServerUser user;
  private final ServerLog log;

  Launch(Installation installation, DataFolder data, ServerUser user, ServerLog log) {
    this.installation = installation;
    this.data = data;
    this.user = user;
    this.log = log;
  }

  /** Starts the postmaster and waits until it accepts connections. */
  void run(ServerConfig config, Duration patience) throws IOException {
    prepareLog();
    long logFrom = log.size();
    ProcessBuilder builder = new ProcessBuilder(user.command(command(config)));
    Commands.prepare(builder);
    builder.redirectInput(Redirect.from(Path.of("/dev/null").toFile()));
    builder.redirectOutput(Redirect.DISCARD).redirectError(Redirect.DISCARD);
    Process process = builder.start();
    awaitReady(process::isAlive, logFrom, patience);
  }

  /** Waits for a postmaster that another has started. */
  void await(long pid, Duration patience) {
    awaitReady(() -> Processes.runs(pid), Math.max(0, log.size() - 1), patience);
  }

  private List<String> command(ServerConfig config) {
    // The shell opens the log as the server's user: were it done here, that user could make root
    // write into any file by a link of that name.
    List<String> command =
        new ArrayList<>(
            List.of("/bin/sh", "-c", "exec \"$@\" >>\"$0\" 2>&1", log.file().toString()));
    setsid().ifPresent(program -> command.add(program.toString()));
    command.add(installation.program("postgres").toString());
    command.add("-D");
    command.add(data.path().toString());
    command.addAll(SettingsFile.commandLine(config, data.path()));
    return command;
  }

  private static Optional<Path> setsid() {
    return List.of("/usr/bin/setsid", "/bin/setsid").stream()
        .map(Path::of)
        .filter(Files::isExecutable)
        .findFirst();
  }

  private void prepareLog() throws IOException {
    Path folder = log.file().getParent();
    if (folder != null && !Files.isDirectory(folder)) {
      FileTrees.createPrivateFolder(folder, user);
    }
    log.putAsideIfLarge();
  }

  /**
   * Makes way for the start after a kill. PostgreSQL itself replaces the file of a postmaster whose
   * process is gone, and looks there whether processes still use its shared memory; so the file is
   * only taken away where the system has given the number to another process, at which PostgreSQL
   * would give up.
   */
  void clearStale() throws IOException {
    clearSocketLocks();
    if (!data.hasPostmasterPid()) {
      return;
    }
    Path folder = data.realPath();
    awaitOrphans(folder);
    Optional<PostmasterPid> former = data.postmasterPid();
    boolean numberReused =
        former.isPresent() && Processes.runs(former.get().pid()) && !former.get().isAlive(folder);
    if (former.isEmpty() || numberReused) {
      Files.deleteIfExists(data.path().resolve("postmaster.pid"));
    }
  }

  /**
   * A base backup and pg_rewind bring the lock of their source's socket along, where that stands in
   * the data folder. It names a process of another machine, whose number may be taken here.
   */
  private void clearSocketLocks() throws IOException {
    try (DirectoryStream<Path> locks = Files.newDirectoryStream(data.path(), ".s.PGSQL.*.lock")) {
      for (Path lock : locks) {
        Files.deleteIfExists(lock);
      }
    }
  }

  /** Children of a killed postmaster end by themselves, unless they are deep in a computation. */
  private void awaitOrphans(Path folder) {
    long begin = System.nanoTime();
    boolean told = false;
    List<Long> orphans = Processes.postgresWorkingIn(folder);
    while (!orphans.isEmpty()) {
      Duration waited = Duration.ofNanos(System.nanoTime() - begin);
      if (waited.compareTo(ORPHANS_STAY) > 0) {
        throw new ServerException(
            Kind.LOCKED,
            "Processes of a server that was killed still work in "
                + data.path()
                + ": "
                + orphans
                + ".",
            "End them, then start again.");
      }
      if (!told && waited.compareTo(ORPHANS_LEAVE) > 0) {
        orphans.stream()
            .flatMap(pid -> ProcessHandle.of(pid).stream())
            .forEach(ProcessHandle::destroy);
        told = true;
      }
      Pauses.brief();
      orphans = Processes.postgresWorkingIn(folder);
    }
  }

  /** Whether a process still runs. */
  private interface Life {
    boolean goesOn();
  }

  private void awaitReady(Life process, long logFrom, Duration patience) {
    long begin = System.nanoTime();
    while (true) {
      boolean alive = process.goesOn(); // asked first, so that its last word is not missed
      Optional<PostmasterPid> said = data.postmasterPid();
      if (alive
          && said.isPresent()
          && said.get().phase() == Phase.READY
          && said.get().isAlive(data.realPath())) {
        return;
      }
      if (!alive) {
        throw ended(log.last(REASON_LINES, logFrom));
      }
      if (System.nanoTime() - begin > patience.toNanos()) {
        String phase =
            said.map(pid -> pid.phase() == Phase.STANDBY).orElse(false)
                ? "is up but its data is not yet consistent"
                : "is still starting";
        throw new ServerException(
            Kind.STILL_WORKING,
            "The server in " + data.path() + " " + phase + " after " + patience.toSeconds() + " s.",
            "Look into " + log.file() + "; it goes on by itself.");
      }
      Pauses.brief();
    }
  }

  private ServerException ended(List<String> lines) {
    String reason = ServerLog.reason(lines).orElse("it wrote no reason");
    String where = "The server in " + data.path() + " did not start: ";
    String text = String.join("\n", lines);
    if (FileTrees.saysDiskFull(text) || (lines.isEmpty() && FileTrees.isFull(data.path()))) {
      return new ServerException(
          Kind.DISK_FULL,
          where + "its disk is full.",
          "Make room on the file system of " + data.path() + ", then start again.");
    }
    if (text.contains("Address already in use")) {
      return new ServerException(
          Kind.PORT_BUSY,
          where + "its port was taken in the same moment.",
          "End what listens there, or choose another port.");
    }
    if (text.contains("lock file \"postmaster.pid\"")) {
      return new ServerException(
          Kind.LOCKED,
          where + "another server runs in its folder (" + reason + ").",
          "End that one first.");
    }
    return new ServerException(
        Kind.FAILED, where + reason + ".", "The whole log is " + log.file() + ".");
  }
}
