package io.pgfleet.migrate.pgbouncer;

import io.pgfleet.migrate.Draft;
import io.pgfleet.migrate.Finding.Verdict;
import io.pgfleet.migrate.Migration;
import io.pgfleet.migrate.MigrationException;
import io.pgfleet.migrate.pgbouncer.IniFile.Entry;
import io.pgfleet.spec.setting.Nearest;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Turns a pgbouncer.ini, and a userlist.txt if there is one, into fleet.yaml. */
public final class PgBouncerFile {
  /** Files beside the clients' and servers' own. */
  private static final int SPARE_FILES = 200;

  private final Draft draft;
  private final Mapper mapper;
  private final GeneralSettings general;
  private final Databases databases;

  private PgBouncerFile(Draft draft) {
    this.draft = draft;
    this.mapper = new Mapper(draft);
    this.general = new GeneralSettings(draft, mapper);
    this.databases = new Databases(draft, mapper);
  }

  /**
   * Reads the files.
   *
   * @param openFiles how many files a process may open; 0 if that is not known
   * @throws MigrationException if one can't be read
   */
  public static Migration migrate(Path ini, Optional<Path> userlist, long openFiles)
      throws MigrationException {
    Draft draft = new Draft(ini);
    List<Entry> entries = IniFile.read(ini, draft);
    PgBouncerFile file = new PgBouncerFile(draft);
    file.entries(ini, entries, openFiles);
    Optional<Path> users = userlist.isPresent() ? userlist : file.named(ini, entries);
    if (users.isPresent()) {
      UserList.read(users.get(), IniFile.text(users.get()), draft);
    }
    return draft.finish();
  }

  /** The same for a text without further files. */
  static Migration migrate(Path name, String ini, Optional<String> userlist, long openFiles) {
    Draft draft = new Draft(name);
    new PgBouncerFile(draft).entries(name, IniFile.parse(name, ini, draft), openFiles);
    userlist.ifPresent(text -> UserList.read(Path.of("userlist.txt"), text, draft));
    return draft.finish();
  }

  /** The auth_file, if it is there to be read. */
  private Optional<Path> named(Path ini, List<Entry> entries) {
    Path folder = ini.toAbsolutePath().getParent();
    return entries.stream()
        .filter(entry -> entry.section().equals("pgbouncer") && entry.key().equals("auth_file"))
        .map(entry -> folder == null ? Path.of(entry.value()) : folder.resolve(entry.value()))
        .filter(java.nio.file.Files::isReadable)
        .findFirst();
  }

  private void entries(Path ini, List<Entry> entries, long openFiles) {
    for (Entry entry : entries) {
      switch (entry.section()) {
        case "pgbouncer" -> setting(entry);
        case "databases" -> databases.database(entry);
        case "users" -> databases.user(entry);
        case "peers" ->
            mapper.note(
                entry,
                Verdict.NOT_NEEDED,
                "[peers] " + entry.key(),
                "gateways pass cancel requests on without being told of each other");
        case "" ->
            mapper.note(entry, Verdict.WRONG, entry.key(), "stands before any section; left out");
        default ->
            mapper.note(
                entry,
                Verdict.WRONG,
                entry.key(),
                "[" + entry.section() + "] is no section of PgBouncer; left out");
      }
    }
    databases.finish();
    general.finish(ini, entries);
    bounds(ini, openFiles);
  }

  private void setting(Entry entry) {
    Rule rule = Rules.GENERAL.get(entry.key());
    if (rule == null) {
      String near =
          Nearest.of(entry.key(), Rules.GENERAL.keySet())
              .map(name -> "; did you mean " + name + "?")
              .orElse("");
      mapper.note(entry, Verdict.WRONG, entry.key(), "no setting of PgBouncer" + near);
    } else if (rule instanceof Rule.Own) {
      general.setting(entry);
    } else {
      mapper.apply(entry, entry.key(), entry.value(), rule, "gateway");
    }
  }

  /** What contradicts itself, or the system. */
  private void bounds(Path ini, long openFiles) {
    int size = number("20", "gateway", "default_pool_size");
    int least = number("0", "gateway", "min_pool_size");
    int most = number("0", "gateway", "max_db_connections");
    int clients = number("100", "gateway", "max_client_conn");
    if (most > 0 && size > most) {
      draft.note(
          ini,
          0,
          Verdict.WRONG,
          "default_pool_size",
          size + " connections of one user, but max_db_connections allows " + most + " of all");
    }
    if (least > size) {
      draft.note(
          ini,
          0,
          Verdict.WRONG,
          "min_pool_size",
          least + " is more than the pool's " + size + "; left out");
      draft.remove("gateway", "min_pool_size");
    }
    if (openFiles > 0 && clients + size + SPARE_FILES > openFiles) {
      draft.note(
          ini,
          0,
          Verdict.WRONG,
          "max_client_conn",
          clients
              + " clients need more open files than the "
              + openFiles
              + " that are allowed here; raise 'ulimit -n', or the gateway will not start");
    }
    if (draft.put(100, "gateway", "max_client_conn")) {
      draft.note(
          ini,
          0,
          Verdict.MAPPED,
          "max_client_conn",
          "not in the file; PgBouncer's default 100 is kept, pgfleet's own would be 1000");
    }
  }

  private int number(String usual, String... path) {
    String text = draft.get(path);
    return Integer.parseInt(text.matches("\\d+") ? text : usual);
  }
}
