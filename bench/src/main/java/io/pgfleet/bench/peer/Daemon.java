package io.pgfleet.bench.peer;

import io.pgfleet.bench.BenchException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A program that listens on a port of 127.0.0.1 until it is closed, with its output in a file. */
public final class Daemon implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration END = Duration.ofSeconds(10);

  private final Process process;
  private final String name;
  private final Path log;

  private Daemon(Process process, String name, Path log) {
    this.process = process;
    this.name = name;
    this.log = log;
  }

  /**
   * Starts a program and waits until it listens.
   *
   * @param name for messages
   * @param folder of its own; gets its output
   * @throws BenchException if it does not listen in time, with the end of its output
   */
  public static Daemon start(String name, List<String> command, int port, Path folder)
      throws InterruptedException {
    Path log = folder.resolve("output.log");
    try {
      Process process =
          new ProcessBuilder(command)
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      process.getOutputStream().close();
      Daemon daemon = new Daemon(process, name, log);
      daemon.awaitPort(port);
      return daemon;
    } catch (IOException e) {
      throw new BenchException(
          "can't start " + name + ": " + e.getMessage(), "install it anew, or leave it out");
    }
  }

  private void awaitPort(int port) throws InterruptedException, IOException {
    long began = System.nanoTime();
    while (true) {
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        socket.getPort();
        return;
      } catch (IOException e) {
        if (!process.isAlive() || System.nanoTime() - began > PATIENCE.toNanos()) {
          close();
          throw new BenchException(
              name + " does not listen: " + output(), "leave it out with --peers");
        }
        Thread.sleep(20);
      }
    }
  }

  /** The end of what it printed. */
  String output() throws IOException {
    List<String> lines = Files.readString(log).strip().lines().toList();
    return String.join(" / ", lines.subList(Math.max(0, lines.size() - 3), lines.size()));
  }

  /** Its process. */
  public long pid() {
    return process.pid();
  }

  /**
   * A folder for a program that may refuse to run as root: then it, and the files written into it,
   * belong to the user {@code postgres}.
   */
  public static Path folder(Path within, String name) {
    try {
      return Files.createDirectory(within.resolve(name));
    } catch (IOException e) {
      throw new BenchException(
          "can't make a folder in " + within + ": " + e.getMessage(), "make it writable");
    }
  }

  /** Writes a file that only its owner may read. */
  public static Path write(Path folder, String name, String text) {
    try {
      Path file = folder.resolve(name);
      Files.writeString(file, text);
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
      return file;
    } catch (IOException e) {
      throw new BenchException("can't write in " + folder + ": " + e.getMessage(), "");
    }
  }

  /** The command as run by somebody who is not root, and the folder theirs. */
  static List<String> unprivileged(Path folder, List<String> command) {
    if (!System.getProperty("user.name").equals("root")) {
      return command;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      var postgres =
          folder.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("postgres");
      for (Path file : files.toList()) {
        Files.setOwner(file, postgres);
      }
    } catch (IOException e) {
      throw new BenchException(
          "can't give " + folder + " to the user postgres: " + e.getMessage(),
          "run the benchmark as another user than root");
    }
    return asPostgres(command);
  }

  /** The command as run by the user {@code postgres}, which takes root. */
  public static List<String> asPostgres(List<String> command) {
    List<String> all = new ArrayList<>();
    all.addAll(List.of("setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups"));
    all.addAll(command);
    return all;
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(END.toSeconds(), TimeUnit.SECONDS)) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
