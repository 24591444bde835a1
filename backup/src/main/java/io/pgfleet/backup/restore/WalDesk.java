package io.pgfleet.backup.restore;

import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.wal.SegmentName;
import io.pgfleet.backup.wal.WalArchive;
import io.pgfleet.postgres.host.FileTrees;
import io.pgfleet.postgres.host.ServerUser;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Gives a server that recovers its WAL. PostgreSQL asks for one file after the other by a command;
 * that one finds the file in a folder, or leaves its question there and waits. A thread answers,
 * and fetches the next segments before they are asked for.
 */
public final class WalDesk implements AutoCloseable {
  private static final String SCRIPT = "fetch.sh";
  private static final Pattern HISTORY = Pattern.compile("([0-9A-F]{8})\\.history");
  private static final int AHEAD = 4;
  private static final int HEX = 16;
  private static final long LOOK_MILLIS = 5;

  private final WalArchive archive;
  private final Path spool;
  private final ServerUser user;
  private final Thread thread;
  private volatile boolean closed;
  private volatile Optional<BackupException> failure = Optional.empty();

  /**
   * A desk in a folder of its own, which is made.
   *
   * @param user as whom the server runs
   */
  public WalDesk(WalArchive archive, Path spool, ServerUser user) throws IOException {
    this.archive = archive;
    this.spool = spool;
    this.user = user;
    FileTrees.createPrivateFolder(spool, user);
    try (InputStream script = WalDesk.class.getResourceAsStream(SCRIPT)) {
      if (script == null) {
        throw new IllegalStateException("no " + SCRIPT);
      }
      write(SCRIPT, script.readAllBytes());
    }
    this.thread = Thread.ofPlatform().daemon().name("wal-desk").start(this::run);
  }

  /** The value of {@code restore_command}. */
  public String command() {
    return "sh \"%s\" %d \"%s\" %%f \"%%p\""
        .formatted(spool.resolve(SCRIPT), ProcessHandle.current().pid(), spool);
  }

  /** Why a file could not be given, if that was not because there is none. */
  public Optional<BackupException> failure() {
    return failure;
  }

  private void run() {
    Path wanted = spool.resolve("wanted");
    Optional<SegmentName> ahead = Optional.empty();
    while (!closed) {
      try {
        if (Files.exists(wanted)) {
          String name = Files.readString(wanted).strip();
          Files.deleteIfExists(spool.resolve("absent"));
          if (!give(name)) {
            write("absent", new byte[0]);
          }
          Files.delete(wanted);
          ahead = SegmentName.parse(name, archive.segmentSize()).map(SegmentName::next);
        } else if (ahead.isPresent() && waiting() < AHEAD) {
          ahead = give(ahead.get().file()) ? ahead.map(SegmentName::next) : Optional.empty();
        } else {
          Thread.sleep(LOOK_MILLIS);
        }
      } catch (NoSuchFileException e) {
        return; // the folder is gone
      } catch (IOException | BackupException e) {
        failed(wanted, e);
        ahead = Optional.empty();
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  /** Without a word that the file is absent, the server stops and does not take it for the end. */
  private void failed(Path wanted, Exception why) {
    failure =
        Optional.of(
            why instanceof BackupException known
                ? known
                : new BackupException(
                    BackupException.Kind.SERVER,
                    "WAL can't be written to " + spool + ": " + why.getMessage() + ".",
                    "Make room there.",
                    why));
    try {
      Files.deleteIfExists(wanted);
    } catch (IOException e) {
      closed = true;
    }
  }

  private long waiting() throws IOException {
    try (var files = Files.list(spool)) {
      return files
          .filter(file ->
              SegmentName.parse(file.getFileName().toString(), archive.segmentSize()).isPresent())
          .count();
    }
  }

  private boolean give(String name) throws IOException {
    if (Files.exists(spool.resolve(name))) {
      return true;
    }
    Matcher history = HISTORY.matcher(name);
    Optional<byte[]> content =
        history.matches()
            ? archive.historyFile((int) Long.parseLong(history.group(1), HEX))
            : SegmentName.parse(name, archive.segmentSize())
                .flatMap(archive::find)
                // What is not there yet of the last one reads as the end of WAL.
                .map(bytes -> Arrays.copyOf(bytes, archive.segmentSize()));
    if (content.isPresent()) {
      write(name, content.get());
    }
    return content.isPresent();
  }

  /** The file appears whole, and is the server's user's. */
  private void write(String name, byte[] content) throws IOException {
    Path part = spool.resolve(name + ".part");
    Files.deleteIfExists(part);
    try (FileChannel channel = FileTrees.createPrivateFile(part, user)) {
      ByteBuffer bytes = ByteBuffer.wrap(content);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    }
    Files.move(part, spool.resolve(name), StandardCopyOption.ATOMIC_MOVE);
  }

  /** Ends it and deletes its folder; the server has read what it needed. */
  @Override
  public void close() throws IOException {
    closed = true;
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    FileTrees.delete(spool);
  }
}
