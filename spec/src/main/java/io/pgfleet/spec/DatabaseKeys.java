package io.pgfleet.spec;

import io.pgfleet.spec.setting.FilePath;
import io.pgfleet.spec.setting.Items;
import io.pgfleet.spec.setting.Section;
import io.pgfleet.spec.setting.Setting;
import io.pgfleet.spec.setting.Values;
import java.nio.file.Path;
import java.util.List;

/** The keys of one database. */
final class DatabaseKeys {
  static final Setting<String> OWNER =
      Setting.required("owner", Forms.ROLE, "The user that owns the database, one of `users`.");
  static final Setting<List<Path>> INIT =
      Setting.withDefault(
          "init",
          new Items<>("a list of SQL files", new FilePath("a file", true)),
          "[]",
          "SQL files that are run once, in this order, when the database is made.");
  static final Section SECTION = Section.of("a mapping of the keys owner and init", OWNER, INIT);

  private DatabaseKeys() {}

  static DatabaseSpec record(String name, Values values) {
    return new DatabaseSpec(name, values.get(OWNER), values.get(INIT));
  }
}
