package io.pgfleet.spec;

import io.pgfleet.spec.setting.AnyScalar;
import io.pgfleet.spec.setting.FilePath;
import io.pgfleet.spec.setting.Keyed;
import io.pgfleet.spec.setting.Section;
import io.pgfleet.spec.setting.Setting;
import io.pgfleet.spec.setting.Text;
import io.pgfleet.spec.setting.Values;
import io.pgfleet.spec.setting.Whole;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The section {@code postgres}. */
final class PostgresKeys {
  static final Setting<Integer> VERSION =
      Setting.withDefault(
              "version",
              new Whole("a bundled major version", 18, 18),
              "18",
              "The major version of the PostgreSQL that pgfleet brings along.")
          .advising("for another version, install it and give postgres.path");
  static final Setting<Path> PATH =
      Setting.optional(
          "path",
          new FilePath("a folder", false),
          "the bundled version",
          "An installed PostgreSQL, 15 or newer: the folder that holds its `bin`.");
  static final Setting<Map<String, String>> SETTINGS =
      Setting.withDefault(
          "settings",
          new Keyed<>(
              "a mapping of postgresql.conf settings",
              new Text(
                  "the name of a PostgreSQL setting",
                  "[A-Za-z_][A-Za-z0-9_]*([.][A-Za-z_][A-Za-z0-9_]*)?",
                  "write the name as in postgresql.conf, such as shared_buffers"),
              new AnyScalar("a text, a number, or true or false"),
              0,
              decidedHere()),
          "{}",
          "Settings for `postgresql.conf` on every node, by name. Those that pgfleet decides"
              + " itself are refused.");
  static final Section SECTION =
      new Section(
          "a mapping of the keys version or path, and settings",
          List.of(VERSION, PATH, SETTINGS),
          new Section.AtMostOne(List.of("version", "path")));

  private PostgresKeys() {}

  static PostgresSpec record(Values values) {
    PostgresSpec.Source source =
        values
            .find(PATH)
            .<PostgresSpec.Source>map(PostgresSpec.Installed::new)
            .orElseGet(() -> new PostgresSpec.Embedded(values.get(VERSION)));
    return new PostgresSpec(source, values.get(SETTINGS));
  }

  /** The settings that would break a fleet if they were not pgfleet's, and what to do instead. */
  static Map<String, String> decidedHere() {
    String durability = "durability and synchronous of the group decide it";
    String files = "pgfleet writes this file itself";
    String stream = "pgfleet decides how standbys follow their primary";
    String recovery = "pgfleet decides what a server recovers to";
    Map<String, String> reasons = new LinkedHashMap<>();
    reasons.put("port", "the node's key port decides it");
    reasons.put("listen_addresses", "the node's key host decides it");
    reasons.put("unix_socket_directories", "pgfleet decides it; connect through the gateway");
    reasons.put("data_directory", "the node's key data decides it");
    reasons.put("config_file", files);
    reasons.put("hba_file", files);
    reasons.put("ident_file", files);
    reasons.put("external_pid_file", "pgfleet finds its servers by their own postmaster.pid");
    reasons.put("include", "write the settings here instead");
    reasons.put("include_dir", "write the settings here instead");
    reasons.put("include_if_exists", "write the settings here instead");
    reasons.put("password_encryption", "it is always scram-sha-256");
    reasons.put("synchronous_standby_names", durability);
    reasons.put("synchronous_commit", durability);
    reasons.put("wal_level", "pgfleet sets what standbys need");
    reasons.put("hot_standby", "it is always on, so that standbys answer reads");
    reasons.put("primary_conninfo", stream);
    reasons.put("primary_slot_name", stream);
    for (String end : List.of("", "_action", "_inclusive", "_lsn", "_name", "_time")) {
      reasons.put("recovery_target" + end, recovery);
    }
    reasons.put("recovery_target_timeline", recovery);
    reasons.put("recovery_target_xid", recovery);
    return reasons;
  }
}
