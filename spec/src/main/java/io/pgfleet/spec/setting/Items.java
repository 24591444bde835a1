package io.pgfleet.spec.setting;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** A list of values of one kind. */
public record Items<T>(String noun, Kind<T> item) implements Kind<List<T>> {
  @Override
  public String expectation() {
    return noun;
  }

  @Override
  public Optional<List<T>> read(Place place, Node node) {
    if (!(node instanceof SequenceNode sequence)) {
      return mistyped(place, node);
    }
    List<T> values = new ArrayList<>();
    int index = 0;
    for (Node entry : sequence.getValue()) {
      item.read(place.item(index++, entry), entry).ifPresent(values::add);
    }
    return Optional.of(values);
  }

  @Override
  public String shown(List<T> value) {
    return value.stream().map(item::shown).collect(Collectors.joining(", ", "[", "]"));
  }
}
