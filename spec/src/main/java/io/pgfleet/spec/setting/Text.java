package io.pgfleet.spec.setting;

import java.util.Optional;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * A text of a form.
 *
 * @param noun what it is, with its article
 * @param form the regular expression it matches as a whole, in what Java and ECMAScript share
 * @param words the form in words
 */
public record Text(String noun, String form, String words) implements Kind<String> {
  @Override
  public String expectation() {
    return noun;
  }

  @Override
  public Optional<String> read(Place place, Node node) {
    Optional<String> text = Nodes.scalar(node, Tag.STR);
    if (text.isPresent()) {
      return check(place, text.get());
    }
    if (node instanceof ScalarNode scalar && !place.secret() && scalar.getValue().matches(form)) {
      place.refuse(
          "expected " + noun + ", found " + place.found(node),
          "put it in quotes: \"" + scalar.getValue() + "\"");
      return Optional.empty();
    }
    return mistyped(place, node);
  }

  /** The text if it has the form; if not, that is reported. */
  Optional<String> check(Place place, String text) {
    if (text.matches(form)) {
      return Optional.of(text);
    }
    place.refuse("'" + place.shown(text) + "' is not " + noun, place.advice().orElse(words));
    return Optional.empty();
  }

  @Override
  public String shown(String value) {
    return value;
  }
}
