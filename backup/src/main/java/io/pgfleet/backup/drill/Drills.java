package io.pgfleet.backup.drill;

import io.pgfleet.backup.Archive;
import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.BackupException.Kind;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.json.JsonMapper;

/** The reports of drills in an archive: {@code drills/ID}, the newest hundred. */
public final class Drills {
  private static final String FOLDER = "drills";
  private static final int KEPT = 100;

  private static final JsonMapper JSON =
      JsonMapper.builder().disable(DateTimeFeature.WRITE_DATES_AS_TIMESTAMPS).build();

  private final Archive archive;

  /** Those of an archive. */
  public Drills(Archive archive) {
    this.archive = archive;
  }

  /** Their names, oldest first. */
  public List<String> ids() {
    return archive.list(FOLDER).stream()
        .map(listed -> listed.name().substring(FOLDER.length() + 1))
        .sorted()
        .toList();
  }

  /** A report; none if there is none of that name. */
  public Optional<DrillReport> find(String id) {
    return archive.find(FOLDER + "/" + id).map(json -> read(id, json));
  }

  private DrillReport read(String id, byte[] json) {
    try {
      return JSON.readValue(json, DrillReport.class);
    } catch (JacksonException | IllegalArgumentException e) {
      throw new BackupException(
          Kind.DAMAGED,
          "The report of drill "
              + id
              + " in "
              + archive.place()
              + " can't be read: "
              + e.getMessage(),
          "Use the program that wrote it, or a newer one.",
          e);
    }
  }

  /** Every report, oldest first. */
  public List<DrillReport> all() {
    return ids().stream().flatMap(id -> find(id).stream()).toList();
  }

  /** The newest; none if there was none yet. */
  public Optional<DrillReport> newest() {
    List<String> ids = ids();
    return ids.isEmpty() ? Optional.empty() : find(ids.getLast());
  }

  /** Keeps a report, and drops what is too old. */
  public void keep(DrillReport report) {
    archive.put(FOLDER + "/" + report.id(), JSON.writeValueAsBytes(report));
    List<String> ids = ids();
    ids.subList(0, Math.max(0, ids.size() - KEPT)).forEach(id -> archive.delete(FOLDER + "/" + id));
  }
}
