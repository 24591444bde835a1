package io.pgfleet.chaos.stage;

import io.pgfleet.postgres.host.Commands;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A folder with a size of its own: a file system in memory, which can be filled. */
final class SmallDisk implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final String FILLER = "filler";
  private static final int CHUNK = 1 << 20;

  private final Path folder;

  private SmallDisk(Path folder) {
    this.folder = folder;
  }

  /** Makes one in an empty folder. */
  static SmallDisk mount(Path folder, int megabytes) throws IOException {
    Files.createDirectories(folder);
    must(
        "mount",
        "-t",
        "tmpfs",
        "-o",
        "size=" + megabytes + "m,mode=755",
        "tmpfs",
        folder.toString());
    return new SmallDisk(folder);
  }

  /** Writes until nothing more fits. */
  void fill() throws IOException {
    byte[] chunk = new byte[CHUNK];
    try (var out = Files.newOutputStream(folder.resolve(FILLER))) {
      int size = CHUNK;
      while (size > 0) {
        try {
          out.write(chunk, 0, size);
        } catch (IOException expected) {
          size /= 16;
        }
      }
    }
  }

  void free() throws IOException {
    Files.deleteIfExists(folder.resolve(FILLER));
  }

  @Override
  public void close() throws IOException {
    must("umount", "-l", folder.toString());
  }

  private static void must(String... command) throws IOException {
    Commands.Result result = Commands.run(List.of(command), LIMIT);
    if (!result.succeeded()) {
      throw new IOException(String.join(" ", command) + " failed: " + result.output());
    }
  }
}
