package io.pgfleet.backup.base;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.backup.Archive;
import io.pgfleet.backup.sealed.UserKey;
import io.pgfleet.backup.store.FolderStore;
import java.io.File;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a backup takes of the memory, in a JVM that has no more. */
class PackingMemoryTest {
  private static final int THREADS = 4;
  private static final int MEGA = 1024 * 1024;
  private static final int MEGABYTES = 300;

  @TempDir private Path folder;

  /** Packs bytes that can't be compressed, encrypted, into the folder named. */
  static void main(String[] arguments) throws Exception {
    Archive archive =
        Archive.open(
            new FolderStore(Path.of(arguments[0])),
            new Archive.Owner("shop", "main", 7),
            Optional.of(UserKey.parse("0f".repeat(UserKey.BYTES), "the test")));
    byte[] noise = new byte[MEGA];
    new Random(1).nextBytes(noise);
    Outage outage = new Outage(Duration.ZERO);
    PackDesk desk = new PackDesk(Resumption.none("b"), outage, _ -> {});
    try (Packing packing = new Packing(archive, desk, outage, THREADS)) {
      packing.file("noise", (long) MEGABYTES * MEGA);
      for (int i = 0; i < MEGABYTES; i++) {
        packing.content(ByteBuffer.wrap(noise));
      }
      System.out.println(packing.end().bytes());
    }
  }

  @Test
  void aLargeBackupByFourThreadsNeedsLittleMemory() throws Exception {
    Process process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx112m",
                    "-XX:MaxDirectMemorySize=8m",
                    "-XX:+UseSerialGC",
                    "-cp",
                    System.getProperty("java.class.path"),
                    PackingMemoryTest.class.getName(),
                    folder.toString()))
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("said").toFile())
            .start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    File said = folder.resolve("said").toFile();
    assertThat(said).content().contains(Long.toString((long) MEGABYTES * MEGA));
    assertThat(process.exitValue()).isZero();
  }
}
