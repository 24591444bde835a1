package io.pgfleet.testkit;

import io.pgfleet.postgres.host.ServerUser;
import io.pgfleet.postgres.install.EmbeddedBinaries;
import io.pgfleet.postgres.install.Installation;
import io.pgfleet.postgres.install.InstalledPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The PostgreSQL versions that tests can run on, and the user that runs them. */
public final class TestInstallations {
  private TestInstallations() {}

  /** The embedded PostgreSQL, unpacked once for all tests of this machine's user. */
  public static Installation embedded() {
    return EmbeddedBinaries.unpack(cache().resolve("binaries"), user());
  }

  /** The newest that is installed on this machine, if there is one that pgfleet can run. */
  public static Optional<Installation> installed() {
    return InstalledPostgres.find().stream().findFirst();
  }

  /** All that can be had: the embedded one and every installed one. */
  public static List<Installation> all() {
    List<Installation> all = new ArrayList<>();
    all.add(embedded());
    all.addAll(InstalledPostgres.find());
    return all;
  }

  /** The user that servers run as. */
  public static ServerUser user() {
    return ServerUser.resolve(Optional.empty());
  }

  /** A folder for what is made once and used by many test runs. */
  static Path cache() {
    Path cache =
        Path.of(System.getProperty("java.io.tmpdir"))
            .toAbsolutePath()
            .resolve("pgfleet-testkit-" + System.getProperty("user.name"));
    try {
      Files.createDirectories(cache);
      Files.setPosixFilePermissions(cache, PosixFilePermissions.fromString("rwxr-xr-x"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return cache;
  }
}
