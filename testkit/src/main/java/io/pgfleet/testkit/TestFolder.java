package io.pgfleet.testkit;

import io.pgfleet.postgres.data.DataFolder;
import io.pgfleet.postgres.host.FileTrees;
import io.pgfleet.postgres.host.Processes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A temporary folder that a server's user can get to, deleted when closed. Its name carries the
 * number of the process that made it, so that the next test run can clear up after one that was
 * killed, servers included.
 */
public final class TestFolder implements AutoCloseable {
  private static final Path TEMPORARY =
      Path.of(System.getProperty("java.io.tmpdir")).toAbsolutePath();
  private static final String PREFIX = "pgfleet-test-";
  private static final Pattern NAME = Pattern.compile(PREFIX + "(\\d+)-.*");
  private static final int DEPTH = 4;

  private final Path path;

  private TestFolder(Path path) {
    this.path = path;
  }

  /** A new empty folder. */
  public static TestFolder create() {
    try {
      sweep();
      Path path = Files.createTempDirectory(PREFIX + ProcessHandle.current().pid() + "-");
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
      return new TestFolder(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where it is. */
  public Path path() {
    return path;
  }

  /** A place in it. */
  public Path resolve(String name) {
    return path.resolve(name);
  }

  private static void sweep() throws IOException {
    try (var entries = Files.newDirectoryStream(TEMPORARY, PREFIX + "*")) {
      for (Path entry : entries) {
        Matcher matcher = NAME.matcher(entry.getFileName().toString());
        if (matcher.matches()
            && !Processes.runs(Long.parseLong(matcher.group(1)))
            && Files.isWritable(entry)) {
          clear(entry);
        }
      }
    }
  }

  /** Kills every server that works under a folder, and deletes it. */
  private static void clear(Path root) throws IOException {
    try (var paths = Files.find(root, DEPTH, (path, _) -> path.endsWith("postmaster.pid"))) {
      for (Path file : paths.toList()) {
        DataFolder data = new DataFolder(file.resolveSibling(""));
        data.postmasterPid()
            .filter(postmaster -> postmaster.isAlive(data.realPath()))
            .flatMap(postmaster -> ProcessHandle.of(postmaster.pid()))
            .ifPresent(ProcessHandle::destroyForcibly);
      }
    } catch (UncheckedIOException ignored) {
      // another test run clears the same folder
    }
    FileTrees.delete(root);
  }

  /** Kills what servers are left in it, and deletes it. */
  @Override
  public void close() {
    try {
      clear(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
