package io.pgfleet.spec.setting;

import java.util.Comparator;
import java.util.Optional;
import org.snakeyaml.engine.v2.exceptions.Mark;

/** A place in a text: line and column in characters, both counted from 1. */
public record Position(int line, int column) implements Comparable<Position> {
  /** Where a text begins. */
  public static final Position START = new Position(1, 1);

  private static final Comparator<Position> ORDER =
      Comparator.comparingInt(Position::line).thenComparingInt(Position::column);

  static Position of(Optional<Mark> mark) {
    return mark.map(m -> new Position(m.getLine() + 1, m.getColumn() + 1)).orElse(START);
  }

  @Override
  public int compareTo(Position other) {
    return ORDER.compare(this, other);
  }
}
