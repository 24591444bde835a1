package io.pgfleet.postgres.data;

import io.pgfleet.postgres.host.FileTrees;
import io.pgfleet.postgres.host.Pauses;
import io.pgfleet.postgres.host.ServerException;
import io.pgfleet.postgres.host.ServerException.Kind;
import io.pgfleet.postgres.host.ServerUser;
import io.pgfleet.postgres.install.Installation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import java.util.Optional;

/** A PostgreSQL data folder, or the place for one; only read here. */
public final class DataFolder {
  private static final int CONTROL_READS = 5;
  private static final int LONGEST_PID_FILE = 8192;

  private final Path path;

  /** The folder at a path, which need not exist. */
  public DataFolder(Path path) {
    this.path = path.toAbsolutePath().normalize();
  }

  /** Where it is, absolute. */
  public Path path() {
    return path;
  }

  /** What stands at the path. */
  public enum Content {
    /** Nothing, or an empty folder. */
    NOTHING,
    /** A data folder. */
    DATA,
    /** Something else, which is not ours to touch. */
    FOREIGN
  }

  /** Looks what stands at the path. */
  public Content content() {
    try {
      if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
        return Content.NOTHING;
      }
      if (!Files.isDirectory(path)) {
        return Content.FOREIGN;
      }
      if (Files.isRegularFile(path.resolve("PG_VERSION"))
          && Files.isRegularFile(path.resolve("global/pg_control"))) {
        return Content.DATA;
      }
      return FileTrees.isEmpty(path) ? Content.NOTHING : Content.FOREIGN;
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /**
   * Checks that there is a data folder.
   *
   * @throws ServerException if there is nothing or something else
   */
  public void requireData() {
    switch (content()) {
      case DATA -> {}
      case NOTHING ->
          throw new ServerException(
              Kind.NOT_INITIALIZED,
              "There is no PostgreSQL data in " + path + ".",
              "Create the server first.");
      case FOREIGN -> throw foreign();
    }
  }

  /**
   * Checks that a data folder may be made here.
   *
   * @throws ServerException if there is one already, or something else
   */
  public void requireNothing() {
    switch (content()) {
      case NOTHING -> {}
      case DATA ->
          throw new ServerException(
              Kind.ALREADY_INITIALIZED,
              "There is PostgreSQL data in " + path + " already.",
              "Use it as it is, or choose another folder.");
      case FOREIGN -> throw foreign();
    }
  }

  private ServerException foreign() {
    return new ServerException(
        Kind.NOT_A_DATA_FOLDER,
        "What stands at " + path + " is not a PostgreSQL data folder; it was left as it is.",
        "Choose another folder, or move away what is there.");
  }

  /** The major version that made the data, from {@code PG_VERSION}. */
  public int majorVersion() {
    try {
      return Integer.parseInt(Files.readString(path.resolve("PG_VERSION")).strip());
    } catch (NumberFormatException e) {
      throw new ServerException(
          Kind.OTHER_VERSION,
          "The data in " + path + " is of a PostgreSQL that can't be used.",
          "Use data of PostgreSQL " + Installation.OLDEST_MAJOR + " or newer.",
          e);
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /**
   * Checks that an installation can run the data.
   *
   * @throws ServerException if they are of two major versions
   */
  public void requireVersion(Installation installation) {
    int major = majorVersion();
    if (major != installation.majorVersion()) {
      throw new ServerException(
          Kind.OTHER_VERSION,
          "The data in "
              + path
              + " was made by PostgreSQL "
              + major
              + ", but the programs in "
              + installation.bin()
              + " are PostgreSQL "
              + installation.version()
              + ".",
          "Name the folder of an installed PostgreSQL " + major + ", or upgrade the data first.");
    }
  }

  /** What {@code pg_control} says. */
  public ControlFile control() {
    ServerException last = null;
    // A running server rewrites the file in place, so a single read may see half of each.
    for (int i = 0; i < CONTROL_READS; i++) {
      try {
        return ControlFile.parse(Files.readAllBytes(path.resolve("global/pg_control")));
      } catch (ServerException e) {
        last = e;
        Pauses.brief();
      } catch (IOException e) {
        throw unreadable(e);
      }
    }
    throw new ServerException(
        Kind.DAMAGED,
        "The data in " + path + " is damaged: " + (last == null ? "" : last.getMessage()),
        "Take the data folder from a backup or clone it from the primary.",
        last);
  }

  /**
   * Checks that the data belongs to a database system.
   *
   * @throws ServerException if it is another's
   */
  public void requireSystem(long systemIdentifier) {
    ControlFile control = control();
    if (control.systemIdentifier() != systemIdentifier) {
      throw new ServerException(
          Kind.OTHER_SYSTEM,
          "The data in "
              + path
              + " belongs to another database system ("
              + control.systemIdentifierText()
              + ", expected "
              + Long.toUnsignedString(systemIdentifier)
              + ").",
          "Choose another folder for this node, or move the data away to have it cloned anew.");
    }
  }

  /**
   * Checks that PostgreSQL will accept the folder's owner and mode.
   *
   * @throws ServerException if it won't
   */
  public void requireOwner(ServerUser user) {
    try {
      if (!user.owns(path)) {
        throw new ServerException(
            Kind.OWNER,
            "The data folder "
                + path
                + " belongs to "
                + Files.getOwner(path).getName()
                + ", but the server runs as "
                + user.name()
                + ".",
            "Run 'chown -R " + user.name() + " " + path + "', or run the server as its owner.");
      }
      var modes = Files.getPosixFilePermissions(path);
      boolean open =
          modes.stream()
              .anyMatch(mode ->
                  mode.name().startsWith("OTHERS_") || mode == PosixFilePermission.GROUP_WRITE);
      if (open) {
        throw new ServerException(
            Kind.OWNER,
            "The data folder " + path + " is open to other users, which PostgreSQL refuses.",
            "Run 'chmod 0700 " + path + "'.");
      }
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /** Whether the next start is as a standby. */
  public boolean isMarkedStandby() {
    return Files.exists(path.resolve("standby.signal"));
  }

  /** Whether there is a {@code postmaster.pid}, of a running server or a dead one. */
  public boolean hasPostmasterPid() {
    return Files.exists(pidFile());
  }

  Path pidFile() {
    return path.resolve("postmaster.pid");
  }

  /** What {@code postmaster.pid} says; empty if there is none or it is not (yet) written. */
  public Optional<PostmasterPid> postmasterPid() {
    try (var in = Files.newInputStream(pidFile())) {
      String text = new String(in.readNBytes(LONGEST_PID_FILE), StandardCharsets.UTF_8);
      return PostmasterPid.parse(List.of(text.split("\n", -1)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /** The folder with every link followed, as processes that work in it show it. */
  public Path realPath() {
    try {
      return path.toRealPath();
    } catch (IOException e) {
      return path;
    }
  }

  /** The failure to tell a user when something in the folder can't be read. */
  private ServerException unreadable(IOException e) {
    if (e instanceof FileSystemException failure && failure.getReason() == null) {
      return new ServerException(
          Kind.OWNER,
          "The file "
              + failure.getFile()
              + " can't be read ("
              + e.getClass().getSimpleName()
              + ").",
          "See that the data folder is whole and belongs to the server's user.",
          e);
    }
    return new ServerException(
        Kind.OWNER,
        "The data folder " + path + " can't be read: " + e.getMessage() + ".",
        "See that the data folder is whole and belongs to the server's user.",
        new UncheckedIOException(e));
  }
}
