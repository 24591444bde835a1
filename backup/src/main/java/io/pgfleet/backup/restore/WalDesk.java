package io.pgfleet.backup.restore;

import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.BackupException.Kind;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives a server that recovers its WAL. PostgreSQL asks for one file after the other by a command;
 * that one finds the file in a folder, or leaves its question there and waits. A thread answers,
 * and fetches the next segments before they are asked for. That there is no such file, which
 * PostgreSQL takes for the end of WAL, it hears only of files that the plan does not need.
 */
public final class WalDesk implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(WalDesk.class);
  private static final String SCRIPT = "fetch.sh";
  private static final Pattern HISTORY = Pattern.compile("([0-9A-F]{8})\\.history");
  private static final int AHEAD = 4;
  private static final int HEX = 16;
  private static final long LOOK_MILLIS = 5;

  private final WalArchive archive;
  private final RestorePlan plan;
  private final Path spool;
  private final Path wanted;
  private final ServerUser user;
  private final Thread thread;
  private volatile boolean closed;
  private volatile Optional<BackupException> failure = Optional.empty();

  /**
   * A desk in a folder of its own, which is made.
   *
   * @param user as whom the server runs
   */
  public WalDesk(WalArchive archive, RestorePlan plan, Path spool, ServerUser user)
      throws IOException {
    this.archive = archive;
    this.plan = plan;
    this.spool = spool;
    this.wanted = spool.resolve("wanted");
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

  /**
   * The value of {@code restore_command}. A shell that does not find its script ends with 2 or 127,
   * which PostgreSQL would take for "no such file", or not, so that is asked before.
   */
  public String command() {
    String script = quoted(spool.resolve(SCRIPT));
    return "[ -r %s ] || exit 200; exec sh %s %d %s %%f \"%%p\""
        .formatted(script, script, ProcessHandle.current().pid(), quoted(spool));
  }

  /** For the shell, and for PostgreSQL, to which a percent sign means something. */
  private static String quoted(Path path) {
    return "'" + path.toString().replace("'", "'\\''").replace("%", "%%") + "'";
  }

  /** Why a file could not be given, if that was not because there is none. */
  public Optional<BackupException> failure() {
    return failure;
  }

  private void run() {
    Optional<SegmentName> ahead = Optional.empty();
    while (!closed) {
      try {
        if (Files.exists(wanted)) {
          String name = Files.readString(wanted).strip();
          answer(name);
          ahead = SegmentName.parse(name, archive.segmentSize()).map(SegmentName::next);
        } else if (ahead.isPresent() && waiting() < AHEAD) {
          ahead = prefetched(ahead.get()) ? ahead.map(SegmentName::next) : Optional.empty();
        } else {
          Thread.sleep(LOOK_MILLIS);
        }
      } catch (NoSuchFileException e) {
        return; // the folder is gone
      } catch (IOException | RuntimeException e) {
        if (closed) {
          return;
        }
        log.error("WAL can't be given to the server", e);
        failure = Optional.of(unwritable(e));
        return;
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private BackupException unwritable(Exception why) {
    return new BackupException(
        Kind.SERVER,
        "WAL can't be given to the server through " + spool + ": " + why.getMessage() + ".",
        "See that there is room.",
        why);
  }

  /** With neither the file nor a word that it is absent, the server's command ends with 200. */
  private void answer(String name) throws IOException {
    try {
      if (!give(name)) {
        write(name + ".absent", new byte[0]);
      }
    } catch (BackupException e) {
      log.warn("{} can't be given to the server: {}", name, e.getMessage());
      failure = Optional.of(e);
    } finally {
      Files.deleteIfExists(wanted);
    }
  }

  /** What fails here is tried again when it is asked for, and told then. */
  private boolean prefetched(SegmentName segment) throws IOException {
    try {
      return give(segment.file());
    } catch (BackupException e) {
      return false;
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
    if (history.matches()) {
      return give(name, archive.historyFile((int) Long.parseLong(history.group(1), HEX)));
    }
    Optional<SegmentName> segment = SegmentName.parse(name, archive.segmentSize());
    if (segment.isEmpty()) {
      return false;
    }
    Optional<byte[]> content = archive.find(segment.get());
    if (content.isEmpty() && plan.needs(segment.get())) {
      throw new BackupException(
          Kind.MISSING,
          "Segment " + name + " was in the repository when the restore began, and is not now.",
          "See who deletes there, and restore again.");
    }
    if (content.filter(bytes -> plan.serves(segment.get(), bytes.length)).isEmpty()) {
      return false;
    }
    // What is not there yet of the last one reads as the end of WAL.
    return give(name, content.map(bytes -> Arrays.copyOf(bytes, archive.segmentSize())));
  }

  private boolean give(String name, Optional<byte[]> content) throws IOException {
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

  /** Ends it and deletes its folder; the server must need nothing more, or have been stopped. */
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
