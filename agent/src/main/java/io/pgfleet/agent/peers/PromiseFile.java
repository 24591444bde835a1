package io.pgfleet.agent.peers;

import io.pgfleet.agent.PromiseMemory;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file that is there while promises may run.
 *
 * @param path its place, in a folder that is there
 */
public record PromiseFile(Path path) implements PromiseMemory {
  @Override
  public boolean mayHavePromised() {
    return Files.exists(path);
  }

  @Override
  public void note(boolean promised) throws IOException {
    if (promised) {
      Files.write(path, new byte[0], StandardOpenOption.CREATE);
    } else {
      Files.deleteIfExists(path);
    }
    // The entry is the word; it has to be there also after a loss of power.
    try (FileChannel folder = FileChannel.open(path.toAbsolutePath().getParent())) {
      folder.force(true);
    }
  }
}
