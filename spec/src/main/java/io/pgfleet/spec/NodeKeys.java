package io.pgfleet.spec;

import io.pgfleet.spec.setting.FilePath;
import io.pgfleet.spec.setting.Section;
import io.pgfleet.spec.setting.Setting;
import io.pgfleet.spec.setting.Text;
import java.nio.file.Path;

/** The keys of one node. */
final class NodeKeys {
  /** The port of the fleet's first node; the second has the next one, and so on. */
  static final int FIRST_PORT = 5441;

  static final Setting<String> HOST =
      Setting.withDefault(
          "host", Forms.HOST, "127.0.0.1", "The host where the node's server listens.");
  static final Setting<Integer> PORT =
      Setting.optional(
          "port",
          Forms.PORT,
          FIRST_PORT + " for the fleet's first node, " + (FIRST_PORT + 1) + " for its second, ...",
          "The port where the node's server listens.");
  static final Setting<String> REGION =
      Setting.withDefault(
          "region",
          new Text(
              "a region",
              "[A-Za-z0-9][A-Za-z0-9._-]{0,62}",
              "a region has letters, digits, ., _ and -, at most 63"),
          "local",
          "Where the node stands, in your own words; nodes of one region are near each other.");
  static final Setting<Path> DATA =
      Setting.optional(
          "data",
          new FilePath("a folder", false),
          "chosen by pgfleet within the fleet's data folder",
          "The folder of the node's data. A relative path starts from the folder of this file.");
  static final Section SECTION =
      Section.of("a mapping of the keys host, port, region and data", HOST, PORT, REGION, DATA);

  private NodeKeys() {}
}
