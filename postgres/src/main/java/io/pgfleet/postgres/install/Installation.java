package io.pgfleet.postgres.install;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * PostgreSQL's programs of one version in one folder.
 *
 * @param bin the folder with {@code postgres}, {@code initdb} and {@code pg_ctl}
 * @param majorVersion for example 18
 * @param version as PostgreSQL writes it, for example {@code 18.6}
 */
public record Installation(Path bin, int majorVersion, String version) {
  /** The oldest major version that pgfleet runs. */
  public static final int OLDEST_MAJOR = 15;

  /** The newest major version whose files are known. */
  public static final int NEWEST_MAJOR = 18;

  public Installation {
    if (!bin.isAbsolute()) {
      throw new IllegalArgumentException("bin must be an absolute path: " + bin);
    }
  }

  /** The path of one of its programs, there or not. */
  public Path program(String name) {
    return bin.resolve(name);
  }

  /** Whether it has a program, for example {@code pg_rewind}. */
  public boolean has(String name) {
    return Files.isExecutable(program(name));
  }
}
