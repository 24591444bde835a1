package io.pgfleet.backup.base;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.BackupException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChangedBlocksFuzzTest {
  private static final int ROUNDS = 800;

  @TempDir private Path folder;

  /** Most of the changed bytes are of the header, where there is something to get wrong. */
  @Test
  void whateverTheBytesItIsAFileOfBlocksOrDamaged() throws IOException {
    for (int seed = 0; seed < ROUNDS; seed++) {
      Random random = new Random(seed);
      TreeMap<Integer, Character> blocks = new TreeMap<>();
      for (int i = random.nextInt(3); i > 0; i--) {
        blocks.put(random.nextInt(5), 'x');
      }
      byte[] changes = ChangedBlocksTest.changes(random.nextInt(5), blocks);
      for (int i = random.nextInt(4); i > 0; i--) {
        changes[random.nextInt(Math.min(changes.length, 24))] = (byte) random.nextInt();
      }
      if (random.nextInt(4) == 0) {
        changes = Arrays.copyOf(changes, random.nextInt(changes.length + 20));
      }
      byte[] prior = new byte[random.nextInt(3 * ChangedBlocks.BLOCK)];
      try {
        Path file = folder.resolve("1");
        ChangedBlocksTest.apply(file, prior, changes, random);
        assertThat(Files.size(file) % ChangedBlocks.BLOCK).as("seed %d", seed).isZero();
      } catch (BackupException e) {
        assertThat(e.kind()).as("seed %d", seed).isEqualTo(Kind.DAMAGED);
      }
    }
  }
}
