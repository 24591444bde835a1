package io.pgfleet.testkit.fleet;

import io.pgfleet.postgres.host.FileTrees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** A new folder that goes with all that is in it when it is closed, unless it is to be kept. */
public final class WorkFolder implements AutoCloseable {
  private final Path path;
  private final boolean kept;

  private WorkFolder(Path path, boolean kept) {
    this.path = path;
    this.kept = kept;
  }

  /**
   * Makes one that servers of other users may pass through.
   *
   * @param within an existing folder
   * @param kept whether it stays when it is closed
   * @throws IOException if it can't be made there
   */
  public static WorkFolder create(Path within, String prefix, boolean kept) throws IOException {
    Path path = Files.createTempDirectory(within, prefix);
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
    return new WorkFolder(path, kept);
  }

  /** Where it is. */
  public Path path() {
    return path;
  }

  @Override
  public void close() throws IOException {
    if (!kept) {
      FileTrees.delete(path);
    }
  }
}
