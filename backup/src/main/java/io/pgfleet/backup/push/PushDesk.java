package io.pgfleet.backup.push;

import io.pgfleet.backup.BackupException;
import io.pgfleet.postgres.backup.ArchiveCommand;
import io.pgfleet.postgres.host.FileTrees;
import io.pgfleet.postgres.host.ServerUser;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes what a server's {@code archive_command} asks for, a file at a time, and answers. The
 * command is a script, so that no program has to be started for each segment; {@code push.sh} tells
 * the other half.
 *
 * <pre>
 * pid           the process that answers
 * ID.asking     a question that is being written
 * ID.wanted     the name of the file that is to be archived; ID is the script's own
 * ID.answer     "done NAME", or why not
 * </pre>
 *
 * <p>A question outlives who answers it: the next one finds it. An answer outlives who asked; it
 * stands under a name that nobody asks for again, and is deleted later.
 */
public final class PushDesk implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(PushDesk.class);
  private static final String WANTED = ".wanted";
  private static final String ANSWER = ".answer";
  private static final int LONGEST_NAME = 100;
  private static final long LOOK_MILLIS = 20;
  private static final Duration AFTER_FAILURE = Duration.ofSeconds(1);

  /** No script waits as long. */
  private static final Duration FORGOTTEN = Duration.ofMinutes(5);

  private static final Duration SWEEP = Duration.ofMinutes(1);

  /** Does what is asked for. */
  public interface Push {
    /**
     * Archives a file.
     *
     * @param name as PostgreSQL gives it
     * @throws BackupException if it is not in every repository
     */
    void push(String name);
  }

  private final ArchiveCommand command;
  private final ServerUser user;
  private final Push push;
  private final Thread thread;
  private volatile boolean closed;
  private long swept = System.nanoTime();

  /**
   * A desk, which begins at once.
   *
   * @param user as whom the server runs
   */
  public PushDesk(ArchiveCommand command, ServerUser user, Push push) {
    this.command = command;
    this.user = user;
    this.push = push;
    this.thread =
        Thread.ofPlatform()
            .daemon()
            .name("push-" + command.folder().getFileName())
            .start(this::run);
  }

  private void run() {
    boolean open = false;
    while (!closed) {
      try {
        open = open || open();
        if (open) {
          serve();
        }
        Thread.sleep(LOOK_MILLIS);
      } catch (InterruptedException e) {
        return;
      } catch (IOException | RuntimeException e) {
        // Such as a disk that is full; the server asks again.
        log.warn("WAL can't be taken through {}: {}", command.folder(), e.toString());
        open = false;
        if (!paused()) {
          return;
        }
      }
    }
  }

  private static boolean paused() {
    try {
      Thread.sleep(AFTER_FAILURE);
      return true;
    } catch (InterruptedException e) {
      return false;
    }
  }

  /**
   * The process comes last: a script that finds one alive must be able to ask.
   *
   * @return whether there is a place for it yet
   */
  private boolean open() throws IOException {
    Path parent = command.folder().getParent();
    if (parent == null || !Files.isDirectory(parent)) {
      return false;
    }
    if (!Files.isDirectory(command.folder())) {
      FileTrees.createPrivateFolder(command.folder(), user);
    }
    try (InputStream script =
        PushDesk.class.getResourceAsStream(command.script().getFileName().toString())) {
      if (script == null) {
        throw new IllegalStateException("no " + command.script().getFileName());
      }
      FileTrees.replace(
          command.script(), new String(script.readAllBytes(), StandardCharsets.UTF_8), user);
    }
    FileTrees.replace(command.folder().resolve("pid"), ProcessHandle.current().pid() + "\n", user);
    return true;
  }

  private List<Path> files(String glob) throws IOException {
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(command.folder(), glob)) {
      found.forEach(files::add);
    }
    files.sort(null);
    return files;
  }

  private void serve() throws IOException {
    for (Path question : files("*" + WANTED)) {
      if (closed) {
        return;
      }
      answer(question);
    }
    if (System.nanoTime() - swept > SWEEP.toNanos()) {
      swept = System.nanoTime();
      sweep();
    }
  }

  /** The answer stands before the question goes: who is killed between the two answers again. */
  private void answer(Path question) throws IOException {
    String name;
    try (InputStream in = Files.newInputStream(question)) {
      name = new String(in.readNBytes(LONGEST_NAME), StandardCharsets.US_ASCII).strip();
    } catch (NoSuchFileException e) {
      return; // who asked has given up
    }
    String answer = told(name);
    String id = question.getFileName().toString();
    id = id.substring(0, id.length() - WANTED.length());
    FileTrees.replace(command.folder().resolve(id + ANSWER), answer + "\n", user);
    Files.deleteIfExists(question);
  }

  private String told(String name) {
    try {
      push.push(name);
      return "done " + name;
    } catch (BackupException e) {
      return (e.getMessage() + " " + e.hint()).replaceAll("\\s+", " ");
    } catch (RuntimeException e) {
      log.error("{} can't be archived", name, e);
      return "it failed: " + e.toString().replaceAll("\\s+", " ");
    }
  }

  /** What scripts that were killed have left behind. */
  private void sweep() throws IOException {
    Instant old = Instant.now().minus(FORGOTTEN);
    for (Path file : files("*.{asking,answer}")) {
      try {
        if (Files.getLastModifiedTime(file).toInstant().isBefore(old)) {
          Files.deleteIfExists(file);
        }
      } catch (NoSuchFileException e) {
        log.debug("{} is gone already", file);
      }
    }
  }

  /** Ends it. What is asked from now on fails at once, and PostgreSQL asks again. */
  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join();
      Files.deleteIfExists(command.folder().resolve("pid"));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      log.debug("{} can't be told that nobody answers", command.folder(), e);
    }
  }
}
