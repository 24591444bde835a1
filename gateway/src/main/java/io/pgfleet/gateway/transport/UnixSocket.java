package io.pgfleet.gateway.transport;

import java.io.Closeable;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A Unix-domain socket that listens. A lock on the file beside it, which the kernel gives up with
 * the process, tells a socket in use from one that a killed process has left; the latter is
 * replaced.
 */
public final class UnixSocket implements Closeable {
  private final UnixSocketSettings settings;
  private final FileChannel lockFile;
  private final ServerSocketChannel channel;

  private UnixSocket(
      UnixSocketSettings settings, FileChannel lockFile, ServerSocketChannel channel) {
    this.settings = settings;
    this.lockFile = lockFile;
    this.channel = channel;
  }

  /**
   * Begins to listen.
   *
   * @throws IOException if somebody else does, or the folder can't be used
   */
  public static UnixSocket open(UnixSocketSettings settings, int backlog) throws IOException {
    if (!Files.isDirectory(settings.directory())) {
      throw new IOException(
          "The gateway can't listen in "
              + settings.directory()
              + ": there is no such folder. Make it, or name another.");
    }
    FileChannel lockFile = lock(settings);
    try {
      removeStale(settings.file());
      ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      try {
        channel.bind(UnixDomainSocketAddress.of(settings.file()), backlog);
        Files.setPosixFilePermissions(settings.file(), settings.permissions());
        channel.configureBlocking(false);
        return new UnixSocket(settings, lockFile, channel);
      } catch (IOException | RuntimeException e) {
        channel.close();
        throw e;
      }
    } catch (IOException | RuntimeException e) {
      lockFile.close();
      throw new IOException(
          "The gateway can't listen on " + settings.file() + ": " + e.getMessage(), e);
    }
  }

  private static FileChannel lock(UnixSocketSettings settings) throws IOException {
    FileChannel file =
        FileChannel.open(
            settings.lockFile(),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
    try {
      FileLock lock = file.tryLock();
      if (lock != null) {
        String content = ProcessHandle.current().pid() + "\n" + settings.directory() + "\n";
        file.truncate(0);
        file.write(ByteBuffer.wrap(content.getBytes(StandardCharsets.UTF_8)));
        return file;
      }
    } catch (OverlappingFileLockException e) {
      // another gateway of this process
    } catch (IOException e) {
      file.close();
      throw e;
    }
    file.close();
    throw inUse(settings.file(), "process " + owner(settings.lockFile()) + " holds its lock");
  }

  private static String owner(Path lockFile) throws IOException {
    return Files.readString(lockFile).lines().findFirst().orElse("unknown");
  }

  private static IOException inUse(Path file, String why) {
    return new IOException(
        "The gateway can't listen on "
            + file
            + ": "
            + why
            + ". Stop what uses the socket, or choose another port or folder.");
  }

  private static void removeStale(Path file) throws IOException {
    if (!Files.exists(file, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    if (Files.isRegularFile(file) || Files.isDirectory(file)) {
      throw new IOException("it exists and is no socket");
    }
    try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      probe.connect(UnixDomainSocketAddress.of(file));
    } catch (IOException nobodyListens) {
      Files.delete(file);
      return;
    }
    throw new IOException("another server listens on it");
  }

  /** What accepts its clients. */
  public ServerSocketChannel channel() {
    return channel;
  }

  /** Removes the socket and the lock; whoever accepts has closed {@link #channel} before. */
  @Override
  public void close() throws IOException {
    channel.close();
    Files.deleteIfExists(settings.file());
    Files.deleteIfExists(settings.lockFile());
    lockFile.close();
  }
}
