package io.pgfleet.postgres.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PartialFolderIT {
  private static final Path PYTHON = Path.of("/usr/bin/python3");

  /** Tries the lock of fcntl(2), as another of our processes would. */
  private static final String TRY =
      """
      import fcntl, sys
      with open(sys.argv[1], 'r+b') as file:
          fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
      """;

  private static boolean anotherProcessCanLock(Path file) throws IOException {
    return Commands.run(
            List.of(PYTHON.toString(), "-c", TRY, file.toString()), Duration.ofSeconds(20))
        .succeeded();
  }

  @Test
  void anotherProcessCanNotTakeTheLockWhileTheFolderIsInTheMaking(@TempDir Path folder)
      throws IOException {
    assumeTrue(Files.isExecutable(PYTHON), "it takes Python to be another process");
    Path target = folder.resolve("target");
    Path lock = FileTrees.sibling(target, ".lock");
    Files.createFile(folder.resolve("other"));
    assertThat(anotherProcessCanLock(folder.resolve("other"))).isTrue();

    try (PartialFolder partial =
        PartialFolder.begin(target, ServerUser.resolve(Optional.empty()))) {
      assertThat(anotherProcessCanLock(lock)).isFalse();
      Files.createFile(partial.path().resolve("content"));
      partial.complete();
    }
    assertThat(target.resolve("content")).exists();
    assertThat(lock).doesNotExist();
  }
}
