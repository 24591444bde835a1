package io.pgfleet.spec;

import io.pgfleet.spec.setting.FilePath;
import io.pgfleet.spec.setting.Keyed;
import io.pgfleet.spec.setting.Section;
import io.pgfleet.spec.setting.Setting;
import io.pgfleet.spec.setting.Text;
import io.pgfleet.spec.setting.Values;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** The whole of {@code fleet.yaml}. */
final class FleetKeys {
  private static final String NAME_WORDS =
      "a name has lower-case letters, digits, _ and -, at most 40, and begins with a letter";

  static final Setting<String> FLEET =
      Setting.withDefault(
          "fleet",
          new Text("a fleet name", FleetName.FORM, NAME_WORDS),
          "local",
          "The fleet's name.");
  static final Setting<Path> DATA =
      Setting.optional(
          "data",
          new FilePath("a folder", false),
          "chosen by pgfleet",
          "The folder of all the fleet's data. A relative path starts from the folder of this"
              + " file.");
  static final Setting<String> RUN_AS =
      Setting.optional(
          "run_as",
          new Text(
              "an unprivileged system user",
              "(?!root$)[a-z_][a-z0-9_-]{0,31}",
              "PostgreSQL refuses to run as root; name another user of this system"),
          "chosen by pgfleet",
          "The system user that runs the servers when pgfleet is started by root.");
  static final Setting<Values> POSTGRES =
      Setting.section(
          "postgres", PostgresKeys.SECTION, "Which PostgreSQL the nodes run, and its settings.");
  static final Setting<Map<String, Values>> GROUPS =
      Setting.withDefault(
          "groups",
          new Keyed<>(
              "a mapping of groups by name",
              new Text("a group name", GroupName.FORM, NAME_WORDS),
              GroupKeys.SECTION,
              1,
              Map.of()),
          "{ main: {} }",
          "The groups by name: a primary and its standbys each. For now there is one.");
  static final Setting<Values> GATEWAY =
      Setting.section("gateway", GatewayKeys.SECTION, "Where and how applications connect.");
  static final Setting<Values> CONSENSUS =
      Setting.section(
          "consensus",
          ConsensusKeys.SECTION,
          "Where the fleet agrees on its primary, and how fast a silent one is replaced.");
  static final Setting<Values> BACKUP =
      Setting.section(
          "backup", BackupKeys.SECTION, "Where backups and WAL are kept, and for how long.");
  static final Setting<Map<String, Values>> USERS =
      Setting.optional(
          "users",
          new Keyed<>(
              "a mapping of users by name", Forms.ROLE, UserKeys.SECTION, 0, reservedUsers()),
          "`app` if `databases` is not given either, else none",
          "The PostgreSQL users by name.");
  static final Setting<Map<String, Values>> DATABASES =
      Setting.optional(
          "databases",
          new Keyed<>(
              "a mapping of databases by name",
              new Text(
                  "a database name",
                  "[a-z_][a-z0-9_-]{0,62}",
                  "a database name has lower-case letters, digits, _ and -, at most 63, and begins"
                      + " with a letter or _"),
              DatabaseKeys.SECTION,
              0,
              reservedDatabases()),
          "`app`, owned by `app`, if `users` is not given either, else none",
          "The databases by name.");
  static final Section SECTION =
      Section.of(
          "a mapping of keys such as fleet and groups",
          FLEET,
          DATA,
          RUN_AS,
          POSTGRES,
          GROUPS,
          GATEWAY,
          CONSENSUS,
          BACKUP,
          USERS,
          DATABASES);

  private FleetKeys() {}

  private static Map<String, String> reservedUsers() {
    Map<String, String> reasons = new LinkedHashMap<>();
    reasons.put("postgres", "pgfleet itself uses it; give another user superuser: true");
    reasons.put("pgfleet", "pgfleet itself uses it; choose another name");
    reasons.put("public", "PostgreSQL means every user by it; choose another name");
    reasons.put("none", "PostgreSQL means no user by it; choose another name");
    return reasons;
  }

  private static Map<String, String> reservedDatabases() {
    Map<String, String> reasons = new LinkedHashMap<>();
    String own = "every PostgreSQL server has it already; choose another name";
    reasons.put("postgres", own);
    reasons.put("template0", own);
    reasons.put("template1", own);
    reasons.put("pgbouncer", "the gateway is administered under this name; choose another");
    return reasons;
  }
}
