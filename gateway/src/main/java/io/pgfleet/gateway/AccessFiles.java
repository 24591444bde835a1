package io.pgfleet.gateway;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The access of now. When a file changes it is read again: what is there counts for new
 * connections, and files that are of no use change nothing. Safe from any thread.
 */
final class AccessFiles implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AccessFiles.class);
  private static final Duration PERIOD = Duration.ofSeconds(1);

  private final Runnable changed;
  private final Thread thread;
  private volatile Access current;
  private List<Object> stamps;

  /**
   * Reads the files for the first time.
   *
   * @param changed runs after each change
   * @throws IOException with all that is wrong in them
   */
  AccessFiles(AccessSettings settings, Runnable changed) throws IOException {
    this.changed = changed;
    this.stamps = stamps(settings);
    this.current = Access.load(settings);
    this.thread = Thread.ofVirtual().name("gateway-access").unstarted(this::watch);
  }

  void start() {
    thread.start();
  }

  Access current() {
    return current;
  }

  /**
   * Takes other settings and reads all files again.
   *
   * @throws IOException with all that is wrong in them; nothing has changed then
   */
  synchronized void apply(AccessSettings settings) throws IOException {
    List<Object> read = stamps(settings);
    current = Access.load(settings);
    stamps = read;
    changed.run();
  }

  private void watch() {
    while (true) {
      try {
        Thread.sleep(PERIOD);
      } catch (InterruptedException e) {
        return;
      }
      look();
    }
  }

  private synchronized void look() {
    AccessSettings settings = current.settings();
    List<Object> now = stamps(settings);
    if (now.equals(stamps)) {
      return;
    }
    stamps = now;
    try {
      current = Access.load(settings);
      changed.run();
      LOG.info("The files of certificates and rules have changed and count from now on.");
    } catch (IOException e) {
      LOG.warn(
          "The files of certificates and rules have changed, but are of no use; the old ones count"
              + " on:\n{}",
          e.getMessage());
    }
  }

  private static List<Object> stamps(AccessSettings settings) {
    List<Object> stamps = new ArrayList<>();
    for (Path file : Access.files(settings)) {
      try {
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        stamps.add(
            attributes.lastModifiedTime() + " " + attributes.size() + " " + attributes.fileKey());
      } catch (IOException e) {
        stamps.add("missing");
      }
    }
    return stamps;
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
