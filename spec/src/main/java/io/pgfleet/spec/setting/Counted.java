package io.pgfleet.spec.setting;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/** A mapping that may be given as a number n instead: keys prefix1 to prefixn with nothing set. */
public record Counted<V>(Keyed<V> keyed, String prefix, Whole number)
    implements Kind<Map<String, V>> {
  @Override
  public String expectation() {
    return number.expectation() + ", or " + keyed.expectation();
  }

  @Override
  public Stream<Setting<?>> settingsBelow() {
    return keyed.settingsBelow();
  }

  @Override
  public boolean nothingMeansAbsent() {
    return true;
  }

  @Override
  public Optional<Map<String, V>> read(Place place, Node node) {
    if (!(node instanceof ScalarNode)) {
      return keyed.read(place, node);
    }
    return number
        .read(place, node)
        .map(count -> {
          Map<String, V> values = new LinkedHashMap<>();
          for (int i = 1; i <= count; i++) {
            String name = prefix + i;
            keyed
                .value()
                .read(place.implied(name), Nodes.NOTHING)
                .ifPresent(read -> values.put(name, read));
          }
          return values;
        });
  }

  @Override
  public String shown(Map<String, V> value) {
    return keyed.shown(value);
  }
}
