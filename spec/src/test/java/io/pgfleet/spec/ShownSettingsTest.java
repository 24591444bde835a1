package io.pgfleet.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Settings by their paths, as a reload compares them. */
class ShownSettingsTest {
  @TempDir Path folder = Path.of("");

  @Test
  void eachIsShownAsItIsWrittenAndDefaultsToo() throws SpecException, IOException {
    Path file =
        Files.writeString(
            folder.resolve("fleet.yaml"),
            """
            gateway:
              query_timeout: 90s
              max_held_bytes: 3MB
              databases: { a: { pool_mode: session } }
              admin_users: [app]
            users: { app: { password: { env: SECRET_NAME } } }
            """);
    Map<String, String> shown = FleetFile.settings(file);
    assertThat(shown)
        .containsEntry("gateway.query_timeout", "90s")
        .containsEntry("gateway.max_held_bytes", "3MB")
        .containsEntry("gateway.databases.a.pool_mode", "session")
        .containsEntry("gateway.admin_users", "[app]")
        .containsEntry("gateway.query_wait_timeout", "2m")
        .containsEntry("gateway.transaction_timeout", "off")
        .containsEntry("gateway.max_db_connections", "unlimited")
        .containsEntry("gateway.reads.mode", "automatic")
        .containsEntry("users.app.superuser", "false")
        .containsEntry("groups.main.nodes.n1.region", "local");
    assertThat(shown.values()).noneMatch(value -> value.contains("SECRET_NAME"));
  }

  @Test
  void aFileThatSaysNothingShowsTheDefaults() throws SpecException, IOException {
    Path file = Files.writeString(folder.resolve("fleet.yaml"), "{}\n");
    assertThat(FleetFile.settings(file)).isEqualTo(FleetFile.defaultSettings());
  }
}
