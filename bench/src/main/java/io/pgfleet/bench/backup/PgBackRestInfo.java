package io.pgfleet.bench.backup;

import io.pgfleet.bench.BenchException;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What {@code pgbackrest info --output=json} says of one stanza (its user guide, 'Backup
 * Information').
 *
 * @param backups oldest first
 */
record PgBackRestInfo(List<Backup> backups) {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  PgBackRestInfo {
    backups = List.copyOf(backups);
  }

  /**
   * A backup.
   *
   * @param type {@code full}, {@code diff} or {@code incr}
   * @param database bytes of the database
   * @param stored bytes in the repository, without WAL
   * @param damaged whether pages failed their checksums
   */
  record Backup(String label, String type, long database, long stored, boolean damaged) {}

  /**
   * Reads it.
   *
   * @throws BenchException if it is something else, or the stanza is not well
   */
  static PgBackRestInfo parse(String json) {
    try {
      JsonNode stanzas = JSON.readTree(json);
      if (!stanzas.isArray() || stanzas.size() != 1) {
        throw unreadable("it is not about one stanza");
      }
      JsonNode stanza = stanzas.get(0);
      if (stanza.path("status").path("code").asInt(-1) != 0) {
        throw new BenchException(
            "pgBackRest says of its repository: "
                + stanza.path("status").path("message").asString("nothing"),
            "--keep leaves all files there");
      }
      List<Backup> backups = new ArrayList<>();
      for (JsonNode one : stanza.path("backup")) {
        JsonNode info = one.path("info");
        backups.add(
            new Backup(
                one.path("label").asString(),
                one.path("type").asString(),
                info.path("size").asLong(),
                info.path("repository").path("delta").asLong(),
                one.path("error").asBoolean(false)));
      }
      return new PgBackRestInfo(backups);
    } catch (JacksonException e) {
      throw unreadable(String.valueOf(e.getMessage()));
    }
  }

  /** The one full backup that there must be, whole and without damage. */
  Backup onlyFull() {
    if (backups.size() != 1
        || !backups.getFirst().type().equals("full")
        || backups.getFirst().damaged()) {
      throw new BenchException(
          "pgBackRest has not one whole full backup, but " + backups, "--keep leaves all files");
    }
    return backups.getFirst();
  }

  private static BenchException unreadable(String why) {
    return new BenchException(
        "what 'pgbackrest info' says can't be read: " + why, "use another version of pgBackRest");
  }
}
