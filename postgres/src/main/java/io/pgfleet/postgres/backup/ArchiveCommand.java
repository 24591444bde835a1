package io.pgfleet.postgres.backup;

import io.pgfleet.postgres.host.FileTrees;
import java.nio.file.Path;

/**
 * The {@code archive_command} of a server whose agent archives (PostgreSQL manual, 'Continuous
 * Archiving and Point-in-Time Recovery', Setting Up WAL Archiving): a script in a folder beside the
 * data, where it leaves the name of the file that is to be archived, and waits for the answer.
 *
 * @param folder where they meet
 */
public record ArchiveCommand(Path folder) {
  private static final String SCRIPT = "push.sh";

  /** That of the server with this data folder. */
  public static ArchiveCommand of(Path dataFolder) {
    return new ArchiveCommand(FileTrees.sibling(dataFolder.toAbsolutePath(), ".push"));
  }

  /** The script. */
  public Path script() {
    return folder.resolve(SCRIPT);
  }

  /**
   * The setting's value. PostgreSQL takes a status above 125 for a reason to start its archiver
   * anew, and a shell that does not find its script ends with 127 or 2, so that is asked before.
   */
  public String value() {
    return "[ -r %s ] || exit 1; exec sh %s %s %%f"
        .formatted(quoted(script()), quoted(script()), quoted(folder));
  }

  /** For the shell, and for PostgreSQL, to which a percent sign means something. */
  private static String quoted(Path path) {
    return "'" + path.toString().replace("'", "'\\''").replace("%", "%%") + "'";
  }
}
