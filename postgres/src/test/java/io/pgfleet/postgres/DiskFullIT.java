package io.pgfleet.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.pgfleet.postgres.backup.StandbyClone;
import io.pgfleet.postgres.host.Commands;
import io.pgfleet.postgres.host.ServerException;
import io.pgfleet.postgres.host.ServerException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Needs root, to mount a small file system. */
class DiskFullIT {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private final Sandbox sandbox = new Sandbox();
  private final Path small = sandbox.path("small");
  private boolean mounted;

  @BeforeEach
  void mount() throws IOException {
    Files.createDirectory(small);
    mounted = run("mount", "-t", "tmpfs", "-o", "size=20m,mode=755", "pgfleet", small.toString());
    assumeThat(mounted).as("a small file system can be mounted").isTrue();
  }

  @AfterEach
  void clear() throws IOException {
    try {
      if (mounted) {
        sandbox.killServers();
        // lazily, as children of the killed server may take a moment to leave
        run("umount", "-l", small.toString());
      }
    } finally {
      sandbox.close();
    }
  }

  private static boolean run(String... command) throws IOException {
    return Commands.run(List.of(command), LIMIT).succeeded();
  }

  @Test
  void initdb_says_so_and_leaves_nothing() {
    Server server = sandbox.server(Sandbox.embedded(), "small/data");
    assertThatThrownBy(() -> server.initialize(Initialization.withPassword("secret")))
        .isInstanceOfSatisfying(
            ServerException.class,
            e -> assertThat(e.kind()).as(e.getMessage()).isEqualTo(Kind.DISK_FULL));
    assertThat(small).isEmptyDirectory();
  }

  @Test
  void a_clone_says_so_and_leaves_nothing() {
    Server source = sandbox.started(Sandbox.embedded(), "source");
    StandbyClone clone =
        new StandbyClone(
            Sandbox.login(source), Sandbox.user(), Optional.empty(), OptionalLong.empty());
    assertThatThrownBy(() -> clone.into(small.resolve("data"), _ -> {}))
        .isInstanceOfSatisfying(
            ServerException.class,
            e -> assertThat(e.kind()).as(e.getMessage()).isEqualTo(Kind.DISK_FULL));
    assertThat(small).isEmptyDirectory();
  }

  @Test
  void a_start_says_so_and_works_once_there_is_room() throws Exception {
    assertThat(run("mount", "-o", "remount,size=120m", small.toString())).isTrue();
    Server server = sandbox.made(Sandbox.embedded(), "small/data");
    Path filler = small.resolve("filler");
    try (var out = Files.newOutputStream(filler)) {
      byte[] block = new byte[4096];
      while (true) {
        out.write(block);
      }
    } catch (IOException expected) {
      assertThat(expected).hasMessageContaining("No space left on device");
    }
    assertThatThrownBy(() -> server.start(Sandbox.PATIENCE))
        .isInstanceOfSatisfying(
            ServerException.class,
            e -> assertThat(e.kind()).as(e.getMessage()).isEqualTo(Kind.DISK_FULL));
    Files.delete(filler);
    server.start(Sandbox.PATIENCE);
    assertThat(Sandbox.sql(server, "SELECT 1")).isEqualTo("1");
  }

  @Test
  void a_mount_point_is_no_place_for_data_itself() {
    Server server = sandbox.server(Sandbox.embedded(), "small");
    assertThatThrownBy(() -> server.initialize(Initialization.withPassword("secret")))
        .hasMessageContaining("is where a file system is mounted");
  }
}
