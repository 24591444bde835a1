package io.pgfleet.spec;

/**
 * The name of a group within its fleet: lower-case letters, digits, _ and -, at most 40, beginning
 * with a letter.
 */
public record GroupName(String value) implements Comparable<GroupName> {
  static final String FORM = "[a-z][a-z0-9_-]{0,39}";

  /**
   * Checks the form.
   *
   * @throws IllegalArgumentException if the text has another form
   */
  public GroupName {
    if (!value.matches(FORM)) {
      throw new IllegalArgumentException("not a group name: " + value);
    }
  }

  @Override
  public int compareTo(GroupName other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
