package io.pgfleet.postgres.install;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgfleet.postgres.host.Commands;
import io.pgfleet.postgres.host.FileTrees;
import io.pgfleet.postgres.host.ServerException;
import io.pgfleet.postgres.host.ServerUser;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EmbeddedBinariesIT {
  private final ServerUser user = ServerUser.resolve(Optional.empty());
  private Path folder = Path.of("unset");

  @BeforeEach
  void make() throws IOException {
    folder = Files.createTempDirectory("pgfleet-unpack-it");
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @AfterEach
  void clear() throws IOException {
    FileTrees.delete(folder);
  }

  private String versionSaidBy(Installation installation) throws IOException {
    return Commands.run(
            user.command(List.of(installation.program("postgres").toString(), "--version")),
            Duration.ofSeconds(20))
        .output();
  }

  @Test
  void they_run_as_the_servers_user_and_damage_is_mended() throws Exception {
    Installation installation = EmbeddedBinaries.unpack(folder, user);
    assertThat(installation.majorVersion()).isEqualTo(18);
    assertThat(versionSaidBy(installation)).endsWith(" " + installation.version());
    assertThat(installation.has("pg_rewind")).isFalse();
    Path libraries = folder.resolve(EmbeddedBinaries.version()).resolve("lib");
    assertThat(libraries.resolve("libpq.so.5")).isSymbolicLink();

    Path program = installation.program("postgres");
    Object untouched = Files.getAttribute(program, "unix:ino");
    EmbeddedBinaries.unpack(folder, user);
    assertThat(Files.getAttribute(program, "unix:ino")).isEqualTo(untouched);

    Files.write(program, new byte[100]);
    Files.delete(libraries.resolve("libpq.so.5"));
    assertThat(versionSaidBy(EmbeddedBinaries.unpack(folder, user)))
        .endsWith(" " + installation.version());
    assertThat(libraries.resolve("libpq.so.5")).isSymbolicLink();
    assertThat(folder.toFile().list()).containsExactly(EmbeddedBinaries.version());
  }

  @Test
  void two_at_once_get_the_same() throws Exception {
    Callable<Installation> unpack = () -> EmbeddedBinaries.unpack(folder, user);
    try (var executor = Executors.newFixedThreadPool(2)) {
      var first = executor.submit(unpack);
      var second = executor.submit(unpack);
      assertThat(first.get()).isEqualTo(second.get());
    }
    assertThat(folder.toFile().list()).containsExactly(EmbeddedBinaries.version());
  }

  @ParameterizedTest
  @CsvSource({"../out, ", "a/../../out, ", "link, ../../etc/passwd", "link, /etc/passwd"})
  void an_entry_that_leads_out_is_refused(String name, String target) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream out = new TarArchiveOutputStream(bytes)) {
      TarArchiveEntry entry =
          target == null
              ? new TarArchiveEntry(name)
              : new TarArchiveEntry(name, TarConstants.LF_SYMLINK);
      if (target != null) {
        entry.setLinkName(target);
      }
      out.putArchiveEntry(entry);
      out.closeArchiveEntry();
    }
    Path inside = Files.createDirectory(folder.resolve("inside"));
    assertThatThrownBy(
            () -> UnpackedFiles.write(new ByteArrayInputStream(bytes.toByteArray()), inside))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("leads out");
    assertThat(inside).isEmptyDirectory();
  }

  @Test
  void an_installed_one_is_found_by_either_of_its_folders() {
    Installation installation = EmbeddedBinaries.unpack(folder, user);
    Path bin = installation.bin();
    assertThat(InstalledPostgres.at(bin)).isEqualTo(installation);
    assertThat(InstalledPostgres.at(bin.resolve(".."))).isEqualTo(installation);
    assertThat(InstalledPostgres.find())
        .allSatisfy(found -> assertThat(found.majorVersion()).isGreaterThanOrEqualTo(15));
  }

  @ParameterizedTest
  @CsvSource({
    "postgres (PostgreSQL) 14.3, versions 15 to 18",
    "postgres (PostgreSQL) 19beta1, versions 15 to 18",
    "hello, is not PostgreSQL"
  })
  void what_can_not_be_used_is_told(String said, String told) throws Exception {
    for (String program : List.of("postgres", "initdb", "pg_ctl")) {
      Path file = folder.resolve(program);
      Files.writeString(file, "#!/bin/sh\necho '" + said + "'\n");
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    assertThatThrownBy(() -> InstalledPostgres.at(folder))
        .isInstanceOf(ServerException.class)
        .hasMessageContaining(told);
    Files.delete(folder.resolve("initdb"));
    assertThatThrownBy(() -> InstalledPostgres.at(folder)).hasMessageContaining("initdb not found");
  }
}
