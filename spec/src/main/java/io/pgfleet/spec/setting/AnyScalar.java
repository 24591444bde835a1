package io.pgfleet.spec.setting;

import java.util.Optional;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/** A text, number, or true or false, kept as it is written; on one line. */
public record AnyScalar(String noun) implements Kind<String> {
  /** What the text matches as a whole. */
  public static final String FORM = "[^\\u0000-\\u001f]*";

  @Override
  public String expectation() {
    return noun;
  }

  @Override
  public Optional<String> read(Place place, Node node) {
    if (!(node instanceof ScalarNode scalar) || Nodes.isNothing(node)) {
      return mistyped(place, node);
    }
    if (!scalar.getValue().matches(FORM)) {
      place.refuse("the value holds a line break or a control character", "write it on one line");
      return Optional.empty();
    }
    return Optional.of(scalar.getValue());
  }

  @Override
  public String shown(String value) {
    return value;
  }
}
