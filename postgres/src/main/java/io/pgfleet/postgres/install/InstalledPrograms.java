package io.pgfleet.postgres.install;

import io.pgfleet.postgres.host.ServerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which version the programs of an installation are of now: an upgrade may put others in their
 * place while this program runs.
 */
public final class InstalledPrograms {
  private static final Logger log = LoggerFactory.getLogger(InstalledPrograms.class);

  private final Path bin;
  private final AtomicBoolean looking = new AtomicBoolean();
  private volatile Known known;

  /** What tells one file from another that came in its place. */
  private record Print(Path path, FileTime modified, long size) {}

  private record Known(Optional<Print> print, String version) {}

  /** Begins with what was found at its folder just now. */
  public InstalledPrograms(Installation installation) {
    this.bin = installation.bin();
    this.known = new Known(print(), installation.version());
  }

  /**
   * The version, such as 18.6, as far as is known. If the programs have been replaced, that begins
   * a look at them which does not keep the caller waiting: a later call tells what it has found.
   */
  public String version() {
    Known before = known;
    Optional<Print> now = print();
    if (now.isPresent() && !now.equals(before.print()) && looking.compareAndSet(false, true)) {
      Thread.ofVirtual().name("installed-programs").start(() -> look(now));
    }
    return before.version();
  }

  private void look(Optional<Print> print) {
    try {
      known = new Known(print, InstalledPostgres.at(bin).version());
    } catch (ServerException e) {
      // They may be half replaced; the next call begins another look.
      log.debug("the programs in {} can't be used now: {}", bin, e.getMessage());
    } finally {
      looking.set(false);
    }
  }

  private Optional<Print> print() {
    try {
      Path file = bin.resolve("postgres").toRealPath();
      return Optional.of(new Print(file, Files.getLastModifiedTime(file), Files.size(file)));
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
