package io.pgfleet.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgfleet.deploy.WrittenFile.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WrittenFileTest {
  @TempDir Path folder;
  private Path file = Path.of("");

  @BeforeEach
  void name() {
    file = folder.resolve("haproxy.cfg");
  }

  private static WrittenFile made(String body) {
    return new WrittenFile("haproxy", Path.of("/etc/pgfleet/fleet.yaml"), body);
  }

  @Test
  void theFirstLineSaysWhatMadeIt() throws IOException {
    assertThat(made("listen a\n").write(file, false)).isEqualTo(Outcome.WRITTEN);
    assertThat(Files.readAllLines(file))
        .startsWith("# Made by 'pgfleet deploy haproxy' from /etc/pgfleet/fleet.yaml.")
        .endsWith("listen a");
  }

  @Test
  void whatNobodyEditedIsWrittenAnewAndKeepsItsMode() throws IOException {
    made("listen ä\n").write(file, false);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    assertThat(made("listen ä\n").write(file, false)).isEqualTo(Outcome.UNCHANGED);
    assertThat(made("listen b\n").write(file, false)).isEqualTo(Outcome.REPLACED);
    assertThat(Files.readString(file)).endsWith("listen b\n");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-r-----");
  }

  @Test
  void whatSomebodyEditedIsReplacedByForceOnly() throws IOException {
    made("listen a\n").write(file, false);
    Files.writeString(file, "  maxconn 5\n", StandardOpenOption.APPEND);
    assertThatThrownBy(() -> made("listen b\n").write(file, false))
        .isInstanceOf(DeployException.class)
        .hasMessageContaining("was edited");
    assertThat(Files.readString(file)).endsWith("listen a\n  maxconn 5\n");
    assertThat(made("listen b\n").write(file, true)).isEqualTo(Outcome.FORCED);
    assertThat(Files.readString(file)).endsWith("listen b\n");
  }

  @Test
  void aFileOfAnotherMakerAndAFolderAreLeftAlone() throws IOException {
    Files.writeString(file, "listen mine\n");
    assertThatThrownBy(() -> made("listen b\n").write(file, false))
        .isInstanceOf(DeployException.class);
    assertThatThrownBy(() -> made("listen b\n").write(folder, true))
        .isInstanceOf(DeployException.class)
        .hasMessageContaining("is no file");
    assertThat(folder).isDirectoryContaining(one -> one.equals(file));
  }
}
