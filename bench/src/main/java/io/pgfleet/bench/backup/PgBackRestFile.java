package io.pgfleet.bench.backup;

import java.nio.file.Path;
import java.util.Optional;

/**
 * pgBackRest's configuration (its configuration reference). What is not said here is its default.
 *
 * @param base a folder for its repository, locks and logs
 * @param processes that compress and write
 * @param key with which it encrypts
 */
record PgBackRestFile(Path base, int processes, Optional<String> key) {
  static final String STANZA = "bench";

  /** The repository. */
  Path repository() {
    return base.resolve("repository");
  }

  /** The text, for a source that listens in a folder of sockets. */
  String text(Path data, Path sockets, int port) {
    String cipher =
        key.map(secret -> "repo1-cipher-type=aes-256-cbc\nrepo1-cipher-pass=%s\n".formatted(secret))
            .orElse("");
    return """
    [global]
    repo1-path=%s
    repo1-retention-full=1
    %scompress-type=zst
    compress-level=1
    process-max=%d
    start-fast=y
    log-level-console=warn
    log-level-file=off
    log-path=%s
    lock-path=%s
    spool-path=%s
    [%s]
    pg1-path=%s
    pg1-socket-path=%s
    pg1-port=%d
    pg1-user=%s
    """
        .formatted(
            repository(),
            cipher,
            processes,
            base.resolve("log"),
            base.resolve("lock"),
            base.resolve("spool"),
            STANZA,
            data,
            sockets,
            port,
            Sql.USER);
  }
}
