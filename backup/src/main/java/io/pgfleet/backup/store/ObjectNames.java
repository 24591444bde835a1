package io.pgfleet.backup.store;

import java.util.regex.Pattern;

/**
 * Which names an object may have: none that leads out of a folder, or that a store would change.
 */
final class ObjectNames {
  private static final Pattern PART = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}");

  private ObjectNames() {}

  /**
   * The name, if it is one.
   *
   * @throws IllegalArgumentException if it is none
   */
  static String check(String name) {
    for (String part : name.split("/", -1)) {
      if (!PART.matcher(part).matches()) {
        throw new IllegalArgumentException("not the name of an object: " + name);
      }
    }
    return name;
  }
}
