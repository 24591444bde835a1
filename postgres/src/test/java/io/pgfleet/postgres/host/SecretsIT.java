package io.pgfleet.postgres.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretsIT {
  @TempDir Path folder;

  private Path file() {
    return folder.resolve("fleet/secrets");
  }

  @Test
  void a_password_is_made_once_and_kept_for_its_owner_alone() throws Exception {
    Secrets secrets = new Secrets(file());
    assertThat(secrets.get("postgres")).isEmpty();
    String made = secrets.getOrCreate("postgres");
    assertThat(made).matches("[A-Za-z0-9_-]{32}");
    assertThat(secrets.getOrCreate("postgres")).isEqualTo(made);
    assertThat(secrets.getOrCreate("replicator")).isNotEqualTo(made);
    secrets.put("other", "my = own");
    Secrets later = new Secrets(file());
    assertThat(later.get("postgres")).contains(made);
    assertThat(later.get("other")).contains("my = own");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
        .isEqualTo("rw-------");
  }

  @Test
  void a_file_that_others_can_read_is_not_used() throws Exception {
    Secrets secrets = new Secrets(file());
    secrets.getOrCreate("postgres");
    Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("rw-r-----"));
    assertThatThrownBy(() -> secrets.get("postgres"))
        .isInstanceOf(ServerException.class)
        .hasMessageContaining("open to other users");
  }

  @Test
  void what_can_not_be_kept_is_refused() throws Exception {
    Secrets secrets = new Secrets(file());
    assertThatThrownBy(() -> secrets.put("a", "two\nlines")).isInstanceOf(ServerException.class);
    assertThatThrownBy(() -> secrets.get("a=b")).isInstanceOf(IllegalArgumentException.class);
    secrets.put("a", "b");
    Files.writeString(file(), "rubbish");
    assertThatThrownBy(() -> secrets.getOrCreate("c"))
        .isInstanceOf(ServerException.class)
        .hasMessageContaining("is not name=password");
    assertThat(file()).hasContent("rubbish");
  }
}
