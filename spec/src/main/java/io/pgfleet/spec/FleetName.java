package io.pgfleet.spec;

/**
 * The name of a fleet: lower-case letters, digits, _ and -, at most 40, beginning with a letter.
 */
public record FleetName(String value) implements Comparable<FleetName> {
  static final String FORM = "[a-z][a-z0-9_-]{0,39}";

  /**
   * Checks the form.
   *
   * @throws IllegalArgumentException if the text has another form
   */
  public FleetName {
    if (!value.matches(FORM)) {
      throw new IllegalArgumentException("not a fleet name: " + value);
    }
  }

  @Override
  public int compareTo(FleetName other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
