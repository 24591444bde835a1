package io.pgfleet.spec;

/**
 * The name of a node within its group. It holds no hyphen, because replication slots are named
 * after nodes and PostgreSQL's slot names have none (manual, 'Querying and Manipulating Replication
 * Slots'): lower-case letters, digits and _, at most 40, beginning with a letter.
 */
public record NodeName(String value) implements Comparable<NodeName> {
  /** As a regular expression. */
  public static final String FORM = "[a-z][a-z0-9_]{0,39}";

  /**
   * Checks the form.
   *
   * @throws IllegalArgumentException if the text has another form
   */
  public NodeName {
    if (!value.matches(FORM)) {
      throw new IllegalArgumentException("not a node name: " + value);
    }
  }

  @Override
  public int compareTo(NodeName other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
