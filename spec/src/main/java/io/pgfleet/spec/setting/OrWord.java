package io.pgfleet.spec.setting;

import java.util.Optional;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * A value of a kind, or a word that stands for one outside its range, such as {@code off}.
 *
 * @param means what the word is read as
 */
public record OrWord<T>(Kind<T> kind, String word, T means) implements Kind<T> {
  @Override
  public String expectation() {
    return kind.expectation() + ", or " + word;
  }

  @Override
  public Optional<T> read(Place place, Node node) {
    if (Nodes.scalar(node, Tag.STR).filter(word::equals).isPresent()) {
      return Optional.of(means);
    }
    if (node instanceof ScalarNode scalar && scalar.getValue().matches("0[A-Za-z]{0,2}|false|no")) {
      place.refuse("expected " + expectation() + ", found " + Nodes.found(node), "write " + word);
      return Optional.empty();
    }
    return kind.read(place, node);
  }

  @Override
  public String shown(T value) {
    return value.equals(means) ? word : kind.shown(value);
  }
}
