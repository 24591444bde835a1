package io.pgfleet.postgres;

import io.pgfleet.postgres.data.ControlFile;
import io.pgfleet.postgres.data.DataFolder;
import io.pgfleet.postgres.data.PostmasterPid;
import io.pgfleet.postgres.host.Commands;
import io.pgfleet.postgres.host.FileTrees;
import io.pgfleet.postgres.host.Pauses;
import io.pgfleet.postgres.host.Ports;
import io.pgfleet.postgres.host.Processes;
import io.pgfleet.postgres.host.ServerException;
import io.pgfleet.postgres.host.ServerException.Kind;
import io.pgfleet.postgres.host.ServerUser;
import io.pgfleet.postgres.install.Installation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The PostgreSQL server of one data folder, whether it runs or not. The server outlives this object
 * and this program: a new object over the same folder sees it running and goes on with it. Methods
 * that change something are to be called by one thread at a time; {@link #status} by any.
 */
public final class Server {
  private static final Duration CHECK_LIMIT = Duration.ofSeconds(10);
  private static final Duration PORT_GRACE = Duration.ofSeconds(2);

  private final Installation installation;
  private final DataFolder data;
  private final ServerUser user;
  private final ServerFiles files;
  private final ServerLog log;
  private volatile @Nullable ServerConfig config;

  /** The server of a folder, which need not exist yet. */
  public Server(Installation installation, Path dataFolder, ServerUser user) {
    this.installation = installation;
    this.data = new DataFolder(dataFolder);
    this.user = user;
    this.files = new ServerFiles(data, user);
    this.log = new ServerLog(data.path());
  }

  /** Its programs. */
  public Installation installation() {
    return installation;
  }

  /** Its data folder. */
  public DataFolder data() {
    return data;
  }

  /** The system user it runs as. */
  public ServerUser user() {
    return user;
  }

  /** Where its log goes; the file may not exist yet. */
  public Path logFile() {
    return log.file();
  }

  /** Where the log of the server of a data folder goes. */
  public static Path logFileOf(Path dataFolder) {
    return new ServerLog(dataFolder).file();
  }

  /**
   * Gives a running server new files of TLS; connections that stand go on as they are.
   *
   * @throws ServerException if they can't be copied
   */
  public void renewTls(Optional<ServerTls> tls) {
    try {
      if (tls.isPresent()) {
        files.copy(tls.get());
        reload();
      }
    } catch (IOException e) {
      throw failed("get its new certificate", e);
    }
  }

  /**
   * What a connection string of libpq needs besides where there is TLS, for programs that run as
   * the server's user and speak to another server of the fleet.
   */
  public String tlsWords() {
    return SettingsFile.tlsWords(files.tlsFolder());
  }

  /** The last lines of its log, the oldest first. */
  public List<String> lastLogLines(int count) {
    return log.last(count, 0);
  }

  /**
   * Makes a new database system in the folder, which must not exist or be empty. It appears whole
   * or not at all.
   *
   * @throws ServerException if something stands there or initdb fails
   */
  public void initialize(Initialization initialization) {
    new DataFolderBirth(installation, data, user).run(initialization);
  }

  /**
   * Writes the configuration. A running server takes it at {@link #reload}, what only a start can
   * change at its next {@link #start}; a primary becomes a standby then, not before.
   *
   * @throws ServerException if there is no data folder, or it can't be a primary's
   */
  public void configure(ServerConfig newConfig) {
    data.requireData();
    try {
      files.write(newConfig, status().isAlive());
    } catch (IOException e) {
      throw failed("be configured", e);
    }
    config = newConfig;
  }

  /**
   * Has PostgreSQL itself look at settings, by a program that reads its configuration and ends. A
   * server that runs is not touched.
   *
   * @throws ServerException with PostgreSQL's own words if it does not know a setting or refuses a
   *     value
   */
  public void check(Map<String, String> settings) {
    data.requireData();
    // -C must come first, or PostgreSQL refuses to run as root.
    List<String> command =
        new ArrayList<>(
            List.of(
                installation.program("postgres").toString(),
                "-C",
                "data_directory",
                "-D",
                data.path().toString()));
    settings.forEach((name, value) -> {
      command.add("-c");
      command.add(name + "=" + value);
    });
    try {
      Commands.Result result = Commands.run(user.command(command), CHECK_LIMIT);
      if (!result.succeeded()) {
        throw new ServerException(
            Kind.SETTING,
            "PostgreSQL refuses the settings: "
                + ServerLog.reason(result.output().lines().toList()).orElse(result.output())
                + ".",
            "Correct the value; pg_settings tells what is allowed.");
      }
    } catch (IOException e) {
      throw failed("be asked about settings", e);
    }
  }

  /**
   * Runs statements in the stopped server's data by a server without clients, as the superuser that
   * initdb made, which nobody has to log in for (PostgreSQL manual, 'postgres', Single-User Mode).
   *
   * @param database to run them in
   * @param statements each in one line
   * @throws ServerException if the server runs, or a statement fails; those before it were done
   */
  public void runAlone(String database, List<String> statements) {
    data.requireData();
    data.requireVersion(installation);
    try {
      new SingleUser(installation, data, user).run(database, statements);
    } catch (IOException e) {
      throw failed("be run alone", e);
    }
  }

  /**
   * Settings of pgfleet's that an ALTER SYSTEM has overridden since; {@link #configure} and {@link
   * #reload} bring them back.
   */
  public List<String> overridden() {
    try {
      return files.overridden(configured());
    } catch (IOException e) {
      throw failed("be read", e);
    }
  }

  private ServerConfig configured() {
    ServerConfig current = config;
    if (current == null) {
      throw new IllegalStateException("configure the server first");
    }
    return current;
  }

  /**
   * Starts the server as it was configured, and returns when it accepts connections; a standby does
   * when its data is consistent. One that runs already is left as it is.
   *
   * @param patience how long to wait; a server that takes longer goes on by itself
   * @throws ServerException if it did not come up, with its own words; {@code STILL_WORKING} if
   *     patience ran out
   */
  public ServerStatus.Running start(Duration patience) {
    ServerConfig current = configured();
    data.requireData();
    data.requireVersion(installation);
    Launch launch = new Launch(installation, data, user, log);
    try {
      ServerStatus before = settled(patience);
      switch (before) {
        case ServerStatus.Running running -> {
          return running;
        }
        case ServerStatus.Starting starting -> {
          refuseSingleUser();
          launch.await(starting.pid(), patience);
        }
        case ServerStatus.Stopping stopping -> throw stillStopping(stopping.pid());
        case ServerStatus.NotInitialized _, ServerStatus.Stopped _, ServerStatus.Stale _ -> {
          data.requireOwner(user);
          user.checkReach(data.path());
          launch.clearStale();
          checkPort(current, before instanceof ServerStatus.Stale);
          // Again, as the role may have been changed while it ran, which only now takes effect.
          files.write(current, false);
          launch.run(current, patience);
        }
      }
    } catch (IOException e) {
      throw failed("be started", e);
    }
    if (status() instanceof ServerStatus.Running running) {
      return running;
    }
    throw new ServerException(
        Kind.FAILED,
        "The server in " + data.path() + " ended just after its start.",
        "The whole log is " + log.file() + ".");
  }

  /** The last children of a killed postmaster may hold its port for a moment while they end. */
  private static void checkPort(ServerConfig config, boolean afterKill) {
    long begin = System.nanoTime();
    while (true) {
      try {
        Ports.checkFree(config.listenAddresses(), config.port());
        return;
      } catch (ServerException e) {
        boolean mayPass = afterKill && e.kind() == Kind.PORT_BUSY;
        if (!mayPass || System.nanoTime() - begin > PORT_GRACE.toNanos()) {
          throw e;
        }
        Pauses.brief();
      }
    }
  }

  private void refuseSingleUser() {
    Optional<PostmasterPid> holder = postmaster().filter(PostmasterPid::singleUser);
    if (holder.isPresent()) {
      throw new ServerException(
          Kind.LOCKED,
          "A single-user server (pid " + holder.get().pid() + ") works in " + data.path() + ".",
          "End it first.");
    }
  }

  /** The status once a server that is on its way down has gone. */
  private ServerStatus settled(Duration patience) {
    long begin = System.nanoTime();
    ServerStatus status = status();
    while (status instanceof ServerStatus.Stopping
        && System.nanoTime() - begin < patience.toNanos()) {
      Pauses.brief();
      status = status();
    }
    return status;
  }

  private ServerException stillStopping(long pid) {
    return new ServerException(
        Kind.STILL_WORKING,
        "The server in " + data.path() + " (pid " + pid + ") is still stopping.",
        "Wait, or stop it with the mode immediate.");
  }

  /**
   * Stops the server and returns when its process is gone; nothing if it does not run.
   *
   * @throws ServerException {@code STILL_WORKING} if patience ran out; it goes on stopping
   */
  public void stop(StopMode mode, Duration patience) {
    Optional<PostmasterPid> postmaster = postmaster();
    if (postmaster.isEmpty()) {
      return;
    }
    long pid = postmaster.get().pid();
    try {
      Processes.signal(pid, mode.signal());
    } catch (IOException e) {
      throw failed("be stopped", e);
    }
    long begin = System.nanoTime();
    while (Processes.runs(pid)) {
      if (System.nanoTime() - begin > patience.toNanos()) {
        throw stillStopping(pid);
      }
      Pauses.shortest();
    }
  }

  /**
   * Stops it by an immediate shutdown, and kills its processes if it does not obey in time: a
   * frozen one takes no signal but that.
   *
   * @param patience for each of the two
   * @throws ServerException {@code STILL_WORKING} if a process does not even end then, as one that
   *     waits for a disk
   */
  public void stopAtOnce(Duration patience) {
    Optional<PostmasterPid> postmaster = postmaster();
    try {
      stop(StopMode.IMMEDIATE, patience);
    } catch (ServerException e) {
      if (e.kind() != Kind.STILL_WORKING || postmaster.isEmpty()) {
        throw e;
      }
      kill(postmaster.get().pid(), patience);
    }
  }

  private void kill(long pid, Duration patience) {
    Optional<ProcessHandle> process = ProcessHandle.of(pid);
    List<ProcessHandle> children = process.stream().flatMap(ProcessHandle::children).toList();
    // The postmaster first, so that it starts nothing in the place of a child.
    process.ifPresent(ProcessHandle::destroyForcibly);
    children.forEach(ProcessHandle::destroyForcibly);
    long begin = System.nanoTime();
    while (Processes.runs(pid)) {
      if (System.nanoTime() - begin > patience.toNanos()) {
        throw stillStopping(pid);
      }
      Pauses.brief();
    }
  }

  /** Has the running server read its configuration again; it does so within moments. */
  public void reload() {
    signal("HUP", "be told to read its configuration");
  }

  /**
   * Makes a running standby a primary, and returns when it accepts writes.
   *
   * @throws ServerException if it does not run as a standby, or {@code STILL_WORKING}
   */
  public void promote(Duration patience) {
    if (!data.isMarkedStandby()) {
      throw new ServerException(
          Kind.FAILED,
          "The server in " + data.path() + " is no standby.",
          "Only a running standby can be promoted.");
    }
    try {
      askForPromotion();
    } catch (IOException e) {
      throw failed("be promoted", e);
    }
    signal("USR1", "be promoted");
    long begin = System.nanoTime();
    while (data.control().state() != ControlFile.State.IN_PRODUCTION) {
      if (!status().isAlive()) {
        throw new ServerException(
            Kind.FAILED,
            "The server in " + data.path() + " ended while it was promoted.",
            "The whole log is " + log.file() + ".");
      }
      if (System.nanoTime() - begin > patience.toNanos()) {
        throw new ServerException(
            Kind.STILL_WORKING,
            "The server in " + data.path() + " is still being promoted.",
            "Wait; it goes on by itself.");
      }
      Pauses.shortest();
    }
  }

  /** Needs no flush: a machine that crashes now has nobody who promotes by this file. */
  private void askForPromotion() throws IOException {
    Path request = data.path().resolve("promote");
    Files.deleteIfExists(request);
    FileTrees.createPrivateFile(request, user).close();
  }

  private void signal(String signal, String what) {
    PostmasterPid postmaster =
        postmaster()
            .orElseThrow(() ->
                new ServerException(
                    Kind.FAILED,
                    "The server in " + data.path() + " can't " + what + ": it does not run.",
                    "Start it first."));
    try {
      Processes.signal(postmaster.pid(), signal);
    } catch (IOException e) {
      throw failed(what, e);
    }
  }

  private Optional<PostmasterPid> postmaster() {
    return data.postmasterPid().filter(pid -> pid.isAlive(data.realPath()));
  }

  /**
   * What can be seen of it now.
   *
   * @throws ServerException if what stands at its path is not a data folder
   */
  public ServerStatus status() {
    switch (data.content()) {
      case NOTHING -> {
        return new ServerStatus.NotInitialized();
      }
      case FOREIGN, DATA -> data.requireData();
    }
    boolean hasFile = data.hasPostmasterPid();
    Optional<PostmasterPid> postmaster = data.postmasterPid();
    if (postmaster.isEmpty()) {
      return hasFile && data.hasPostmasterPid()
          ? new ServerStatus.Stale(0)
          : new ServerStatus.Stopped();
    }
    PostmasterPid found = postmaster.get();
    if (!found.isAlive(data.realPath())) {
      return data.hasPostmasterPid()
          ? new ServerStatus.Stale(found.pid())
          : new ServerStatus.Stopped();
    }
    return switch (found.phase()) {
      case STARTING, STANDBY -> new ServerStatus.Starting(found.pid());
      case READY -> new ServerStatus.Running(found.pid(), found.port(), found.startedAt());
      case STOPPING -> new ServerStatus.Stopping(found.pid());
    };
  }

  /**
   * Deletes the data folder of a server that does not run; nothing if there is none.
   *
   * @throws ServerException if it runs, or what stands there is not a data folder
   */
  public void destroy() {
    ServerStatus status = status();
    if (status.isAlive()) {
      throw new ServerException(
          Kind.LOCKED, "The server in " + data.path() + " runs.", "Stop it first.");
    }
    try {
      // Renamed first, so that a crash leaves no half data folder under the name.
      Path doomed = FileTrees.sibling(data.path(), ".deleted");
      FileTrees.delete(doomed);
      if (Files.exists(data.path())) {
        Files.move(data.path(), doomed);
        FileTrees.delete(doomed);
      }
      Files.deleteIfExists(files.passwordFile());
    } catch (IOException e) {
      throw failed("be deleted", e);
    }
  }

  private ServerException failed(String what, IOException e) {
    if (FileTrees.saysDiskFull(e.getMessage())) {
      return new ServerException(
          Kind.DISK_FULL,
          "The server in " + data.path() + " can't " + what + ": its disk is full.",
          "Make room on that file system.",
          e);
    }
    return new ServerException(
        Kind.FAILED,
        "The server in " + data.path() + " can't " + what + ": " + e.getMessage() + ".",
        "See that its folder can be written to.",
        e);
  }
}
