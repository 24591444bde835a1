package io.pgfleet.spec.setting;

import java.util.Optional;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.nodes.Node;

/** What a setting's value looks like, and how it is read. */
public sealed interface Kind<T>
    permits AnyScalar,
        Choice,
        Counted,
        FilePath,
        Flag,
        Items,
        Keyed,
        OrWord,
        Section,
        Size,
        Text,
        Time,
        Whole {

  /** What is expected, as it reads after the word 'expected'. */
  String expectation();

  /** The value of the node; if it has none, that is reported and the answer is empty. */
  Optional<T> read(Place place, Node node);

  /** The value as it is written in the file, on one line. */
  String shown(T value);

  /** The settings below a value of this kind, at any depth. */
  default Stream<Setting<?>> settingsBelow() {
    return Stream.empty();
  }

  /** Whether a key with nothing after it counts as not given. */
  default boolean nothingMeansAbsent() {
    return false;
  }

  /** Reports a value of the wrong type. */
  default Optional<T> mistyped(Place place, Node node) {
    place.refuse("expected " + expectation() + ", found " + place.found(node));
    return Optional.empty();
  }
}
