package io.pgfleet.backup.rows;

import io.pgfleet.wire.Lsn;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * How many rows each permanent table had when all WAL up to a position had been replayed, and none
 * behind it.
 *
 * @param format the version of this form, 1
 * @param node where they were counted
 * @param timeline of the position
 * @param position the end of the last record that counts
 * @param at when that was
 * @param databases rows by table, as its name is written in SQL, by database
 */
public record RowCounts(
    int format,
    String node,
    int timeline,
    String position,
    Instant at,
    Map<String, Map<String, Long>> databases) {
  /** The only version there is. */
  public static final int FORMAT = 1;

  /** So many differences are told one by one. */
  private static final int TOLD = 5;

  public RowCounts {
    if (format != FORMAT) {
      throw new IllegalArgumentException("version " + format + " of row counts");
    }
    Lsn.parse(position);
    Map<String, Map<String, Long>> copy = new TreeMap<>();
    databases.forEach((name, tables) -> copy.put(name, new TreeMap<>(tables)));
    databases = java.util.Collections.unmodifiableMap(copy);
  }

  /** The position. */
  public Lsn lsn() {
    return Lsn.parse(position);
  }

  /** How many tables were counted. */
  public int tables() {
    return databases.values().stream().mapToInt(Map::size).sum();
  }

  /** All their rows. */
  public long rows() {
    return databases.values().stream()
        .flatMap(tables -> tables.values().stream())
        .mapToLong(Long::longValue)
        .sum();
  }

  /**
   * What is not as it was, a sentence; empty if all is.
   *
   * @param found the same of a server that was restored to the position
   */
  public String difference(Map<String, Map<String, Long>> found) {
    List<String> told = new ArrayList<>();
    Set<String> names = new TreeSet<>(databases.keySet());
    names.addAll(found.keySet());
    for (String database : names) {
      if (!found.containsKey(database)) {
        told.add("database " + database + " is missing");
      } else if (!databases.containsKey(database)) {
        told.add("there is a database " + database + ", which was not there");
      } else {
        compare(database, databases.get(database), found.get(database), told);
      }
    }
    return told.size() <= TOLD
        ? String.join("; ", told)
        : String.join("; ", told.subList(0, TOLD)) + "; and " + (told.size() - TOLD) + " more";
  }

  private static void compare(
      String database, Map<String, Long> was, Map<String, Long> is, List<String> told) {
    Set<String> names = new TreeSet<>(was.keySet());
    names.addAll(is.keySet());
    for (String table : names) {
      Long before = was.get(table);
      Long after = is.get(table);
      if (after == null) {
        told.add("table " + table + " of " + database + " is missing");
      } else if (before == null) {
        told.add("there is a table " + table + " in " + database + ", which was not there");
      } else if (!before.equals(after)) {
        told.add(
            "table %s of %s has %d rows, and had %d".formatted(table, database, after, before));
      }
    }
  }
}
