package io.pgfleet.cli.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgfleet.backup.BackupException;
import io.pgfleet.spec.BackupSpec.KeySource;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RepositoryKeysTest {
  private static final String KEY = "a7".repeat(32);
  @TempDir Path folder;

  @Test
  void aKeyComesFromAFileOrACommand() throws Exception {
    Path file = Files.writeString(folder.resolve("key"), KEY + "\nnot looked at\n");
    assertThat(RepositoryKeys.fetch(new KeySource.FromFile(file)).source())
        .isEqualTo(file.toString());
    assertThat(RepositoryKeys.fetch(new KeySource.FromCommand("echo noise >&2; echo " + KEY)))
        .isNotNull();
  }

  @Test
  void whereThereIsNoneIsToldAndNothingOfItShown() throws Exception {
    Path file = Files.writeString(folder.resolve("key"), "s3cret-and-short");
    assertThatThrownBy(() -> RepositoryKeys.fetch(new KeySource.FromFile(file)))
        .isInstanceOf(BackupException.class)
        .hasMessageContaining("is no key")
        .hasMessageNotContaining("s3cret");
    assertThatThrownBy(() -> RepositoryKeys.fetch(new KeySource.FromFile(folder.resolve("none"))))
        .isInstanceOf(BackupException.class)
        .hasMessageContaining("can't be read from");
    assertThatThrownBy(
            () -> RepositoryKeys.fetch(new KeySource.FromEnvironment("PGFLEET_TEST_NO_SUCH")))
        .isInstanceOf(BackupException.class)
        .hasMessageContaining("is not set");
    assertThatThrownBy(() -> RepositoryKeys.fetch(new KeySource.FromCommand("echo s3cret; exit 3")))
        .isInstanceOf(BackupException.class)
        .hasMessageContaining("ended with status 3")
        .hasMessageNotContaining("s3cret");
  }
}
