package io.pgfleet.consensus.group;

/**
 * The number of a primary's reign in its group. It only grows; each promotion takes the next one by
 * compare-and-set before it promotes.
 */
public record Term(long number) implements Comparable<Term> {
  /** Before the first primary. */
  public static final Term NONE = new Term(0);

  public Term {
    if (number < 0) {
      throw new IllegalArgumentException("a term is not negative: " + number);
    }
  }

  public Term next() {
    return new Term(number + 1);
  }

  @Override
  public int compareTo(Term other) {
    return Long.compare(number, other.number);
  }

  @Override
  public String toString() {
    return Long.toString(number);
  }
}
