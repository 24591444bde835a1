package io.pgfleet.spec.setting;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.Tag;

/** One of a few words. */
public record Choice<T>(Map<String, T> words) implements Kind<T> {
  /** Copies the words. */
  public Choice {
    words = Collections.unmodifiableMap(new LinkedHashMap<>(words));
  }

  @Override
  public String expectation() {
    String joined = String.join(", ", words.keySet());
    int last = joined.lastIndexOf(", ");
    return last < 0 ? joined : joined.substring(0, last) + " or " + joined.substring(last + 2);
  }

  @Override
  public Optional<T> read(Place place, Node node) {
    Optional<String> word = Nodes.scalar(node, Tag.STR);
    if (word.isEmpty()) {
      return mistyped(place, node);
    }
    Optional<T> value = Optional.ofNullable(words.get(word.get()));
    if (value.isEmpty()) {
      String message = "unknown value '" + Nodes.shown(word.get()) + "', expected " + expectation();
      Nearest.of(word.get(), words.keySet())
          .ifPresentOrElse(
              near -> place.refuse(message, "did you mean " + near + "?"),
              () -> place.refuse(message));
    }
    return value;
  }

  @Override
  public String shown(T value) {
    return words.entrySet().stream()
        .filter(word -> word.getValue().equals(value))
        .map(Map.Entry::getKey)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no word for " + value));
  }
}
