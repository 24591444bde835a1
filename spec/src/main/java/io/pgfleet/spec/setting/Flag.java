package io.pgfleet.spec.setting;

import java.util.Optional;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.Tag;

/** Yes or no, written {@code true} or {@code false}. */
public record Flag() implements Kind<Boolean> {
  @Override
  public String expectation() {
    return "true or false";
  }

  @Override
  public Optional<Boolean> read(Place place, Node node) {
    Optional<String> word = Nodes.scalar(node, Tag.BOOL);
    return word.isPresent() ? word.map(Boolean::parseBoolean) : mistyped(place, node);
  }

  @Override
  public String shown(Boolean value) {
    return value.toString();
  }
}
