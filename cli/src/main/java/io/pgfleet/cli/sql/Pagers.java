package io.pgfleet.cli.sql;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;

/** Which pager to use. */
final class Pagers {
  private Pagers() {}

  /** PSQL_PAGER, PAGER, or less where it is installed; empty for none. */
  static String command() {
    for (String name : new String[] {"PSQL_PAGER", "PAGER"}) {
      String value = System.getenv(name);
      if (value != null) {
        return value.strip();
      }
    }
    String path = System.getenv("PATH");
    for (String folder : (path == null ? "" : path).split(File.pathSeparator)) {
      if (!folder.isEmpty() && Files.isExecutable(Path.of(folder, "less"))) {
        return "less";
      }
    }
    return "";
  }
}
