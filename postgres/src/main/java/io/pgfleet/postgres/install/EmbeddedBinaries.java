package io.pgfleet.postgres.install;

import io.pgfleet.postgres.host.FileTrees;
import io.pgfleet.postgres.host.PartialFolder;
import io.pgfleet.postgres.host.ServerException;
import io.pgfleet.postgres.host.ServerException.Kind;
import io.pgfleet.postgres.host.ServerUser;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.tukaani.xz.XZInputStream;

/**
 * The PostgreSQL that pgfleet brings along (io.zonky.test.postgres): postgres, initdb and pg_ctl
 * with their libraries, unpacked once a version. What is unpacked carries a list of its files with
 * their sizes; a folder that does not agree with its list is unpacked anew.
 */
public final class EmbeddedBinaries {
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private EmbeddedBinaries() {}

  /** The version that is brought along, for example {@code 18.6.0}. */
  public static String version() {
    Properties properties = new Properties();
    try (InputStream in = EmbeddedBinaries.class.getResourceAsStream("embedded.properties")) {
      if (in == null) {
        throw new IOException("embedded.properties is missing");
      }
      properties.load(in);
    } catch (IOException e) {
      throw new ServerException(
          Kind.INSTALLATION, "This build of pgfleet is damaged.", "Build it anew.", e);
    }
    return properties.getProperty("version", "unknown");
  }

  /** Whether this build has the programs for the machine it runs on. */
  public static boolean areHere() {
    return archive() != null;
  }

  /**
   * The programs in {@code cache/VERSION}, unpacked there if they are not yet. Two processes may do
   * this at once; the second waits for the first.
   *
   * @param cache the folder for all versions; made if missing
   * @param user who will run them; must be able to get at the folder
   * @throws ServerException if this build has none for this machine, or they can't be unpacked
   */
  public static Installation unpack(Path cache, ServerUser user) {
    String version = version();
    Path folder = cache.toAbsolutePath().normalize().resolve(version);
    user.checkReach(folder);
    try {
      if (!UnpackedFiles.agreeWithList(folder)) {
        Files.createDirectories(folder.getParent());
        unpackAnew(folder, user);
      }
    } catch (IOException e) {
      throw failed(folder, e);
    }
    int major = Integer.parseInt(version.substring(0, version.indexOf('.')));
    // The third number counts zonky's own builds.
    String postgres = version.substring(0, version.lastIndexOf('.'));
    return new Installation(folder.resolve("bin"), major, postgres);
  }

  private static void unpackAnew(Path folder, ServerUser user) throws IOException {
    URL archive = archive();
    if (archive == null) {
      throw new ServerException(
          Kind.INSTALLATION,
          "This build of pgfleet brings no PostgreSQL for "
              + System.getProperty("os.name")
              + " on "
              + System.getProperty("os.arch")
              + ".",
          "Install PostgreSQL " + Installation.OLDEST_MAJOR + " or newer and name its folder.");
    }
    try (PartialFolder partial = PartialFolder.beginInTurn(folder, user, PATIENCE)) {
      if (UnpackedFiles.agreeWithList(folder)) {
        return; // another process was quicker
      }
      try (InputStream in =
          new XZInputStream(new BufferedInputStream(archive.openStream(), 1 << 16))) {
        UnpackedFiles.write(in, partial.path());
      }
      Files.setPosixFilePermissions(partial.path(), PosixFilePermissions.fromString("rwxr-xr-x"));
      Path damaged = FileTrees.sibling(folder, ".damaged");
      FileTrees.delete(damaged);
      if (Files.exists(folder)) {
        Files.move(folder, damaged);
      }
      partial.complete();
      FileTrees.delete(damaged);
    }
  }

  private static ServerException failed(Path folder, IOException e) {
    if (FileTrees.saysDiskFull(e.getMessage())) {
      return new ServerException(
          Kind.DISK_FULL,
          "There is no room in " + folder.getParent() + " for PostgreSQL's programs.",
          "Make 150 MB free there, or choose another folder.",
          e);
    }
    return new ServerException(
        Kind.INSTALLATION,
        "PostgreSQL's programs can't be unpacked into " + folder + ": " + e + ".",
        "See that the folder can be written to.",
        e);
  }

  private static @Nullable URL archive() {
    String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String system = os.contains("mac") ? "darwin" : "linux";
    List<String> machines =
        switch (System.getProperty("os.arch")) {
          case "amd64", "x86_64" -> List.of("x86_64");
          case "aarch64", "arm64" -> List.of("arm_64", "aarch64");
          default -> List.of();
        };
    for (String machine : machines) {
      URL url = EmbeddedBinaries.class.getResource("/postgres-" + system + "-" + machine + ".txz");
      if (url != null) {
        return url;
      }
    }
    return null;
  }
}
