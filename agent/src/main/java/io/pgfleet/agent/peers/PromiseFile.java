package io.pgfleet.agent.peers;

import io.pgfleet.agent.PromiseMemory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;

/**
 * A file that is there while promises may run, and says for how many milliseconds.
 *
 * @param path its place, in a folder that is there
 */
public record PromiseFile(Path path) implements PromiseMemory {
  /** Longer than any lease; for a file that says nothing. */
  private static final Duration UNKNOWN = Duration.ofMinutes(1);

  @Override
  public Duration promised() {
    if (!Files.exists(path)) {
      return Duration.ZERO;
    }
    try {
      return Duration.ofMillis(
          Long.parseLong(Files.readString(path, StandardCharsets.US_ASCII).strip()));
    } catch (IOException | NumberFormatException e) {
      return UNKNOWN;
    }
  }

  @Override
  public void note(Duration longest) throws IOException {
    if (longest.isZero()) {
      Files.deleteIfExists(path);
    } else {
      try (FileChannel file =
          FileChannel.open(
              path,
              StandardOpenOption.CREATE,
              StandardOpenOption.WRITE,
              StandardOpenOption.TRUNCATE_EXISTING)) {
        byte[] text = (longest.toMillis() + "\n").getBytes(StandardCharsets.US_ASCII);
        ByteBuffer bytes = ByteBuffer.wrap(text);
        while (bytes.hasRemaining()) {
          file.write(bytes);
        }
        file.force(true);
      }
    }
    // The entry has to be there, or gone, also after a loss of power.
    try (FileChannel folder = FileChannel.open(path.toAbsolutePath().getParent())) {
      folder.force(true);
    }
  }
}
