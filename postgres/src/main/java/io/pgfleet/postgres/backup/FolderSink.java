package io.pgfleet.postgres.backup;

import io.pgfleet.postgres.host.FileTrees;
import io.pgfleet.postgres.host.ServerUser;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Writes an archive's entries under a folder, for the server's user alone. The source's own log is
 * left out: its folder is made, its files are not.
 */
final class FolderSink implements BackupSink, AutoCloseable {
  private static final String LOGS = "log/";

  private final Path root;
  private final ServerUser user;
  private @Nullable FileChannel open;

  FolderSink(Path root, ServerUser user) {
    this.root = root;
    this.user = user;
  }

  @Override
  public void folder(String name) throws IOException {
    Path folder = inside(name);
    if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      FileTrees.createPrivateFolder(folder, user);
    }
  }

  @Override
  public void file(String name, long size) throws IOException {
    if (name.startsWith(LOGS)) {
      return;
    }
    open = FileTrees.createPrivateFile(inside(name), user);
  }

  /** The names hold no dots, and no entry is a link, so none leads out; this is the second lock. */
  private Path inside(String name) throws IOException {
    Path path = root.resolve(name).normalize();
    if (!path.startsWith(root) || path.equals(root)) {
      throw new IOException("the entry " + name + " leads out of the folder");
    }
    return path;
  }

  @Override
  public void content(ByteBuffer bytes) throws IOException {
    if (open != null) {
      while (bytes.hasRemaining()) {
        open.write(bytes);
      }
    }
  }

  @Override
  public void endFile() throws IOException {
    close();
  }

  @Override
  public void close() throws IOException {
    FileChannel channel = open;
    open = null;
    if (channel != null) {
      channel.close();
    }
  }
}
