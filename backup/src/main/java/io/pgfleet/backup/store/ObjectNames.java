package io.pgfleet.backup.store;

import java.util.Arrays;
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
    if (!is(name)) {
      throw new IllegalArgumentException("not the name of an object: " + name);
    }
    return name;
  }

  /** Whether an object may have the name. */
  static boolean is(String name) {
    return Arrays.stream(name.split("/", -1)).allMatch(part -> PART.matcher(part).matches());
  }
}
