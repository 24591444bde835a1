package io.pgfleet.backup.rows;

import io.pgfleet.backup.Archive;
import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.BackupException.Kind;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.json.JsonMapper;

/** The row counts of a base backup, an object of it: {@code backups/ID/rows}. */
public final class RowCountFile {
  private static final JsonMapper JSON =
      JsonMapper.builder().disable(DateTimeFeature.WRITE_DATES_AS_TIMESTAMPS).build();

  private RowCountFile() {}

  /** Whether an object holds row counts, without which a backup can be restored all the same. */
  public static boolean is(String object) {
    return object.startsWith("backups/") && object.endsWith("/rows");
  }

  private static String object(String backup) {
    return "backups/" + backup + "/rows";
  }

  /** Puts them to a backup that is whole. */
  public static void put(Archive archive, String backup, RowCounts counts) {
    archive.put(object(backup), JSON.writeValueAsBytes(counts));
  }

  /**
   * Those of a backup; none if nothing was counted.
   *
   * @throws BackupException if they are damaged
   */
  public static Optional<RowCounts> find(Archive archive, String backup) {
    return archive
        .find(object(backup))
        .map(json -> {
          try {
            return JSON.readValue(json, RowCounts.class);
          } catch (JacksonException | IllegalArgumentException e) {
            throw new BackupException(
                Kind.DAMAGED,
                "The row counts of backup "
                    + backup
                    + " in "
                    + archive.place()
                    + " can't be read: "
                    + e.getMessage(),
                "Use the program that wrote them, or a newer one.",
                e);
          }
        });
  }
}
