package io.pgfleet.spec.setting;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * A mapping whose keys are the user's own names.
 *
 * @param noun what it is, with its article
 * @param name what its keys are
 * @param value what each key has
 * @param least how many keys there must be
 * @param refused keys, in lower case, that may not be given in any case, and why
 */
public record Keyed<V>(
    String noun, Text name, Kind<V> value, int least, Map<String, String> refused)
    implements Kind<Map<String, V>> {
  /** Copies the refused keys. */
  public Keyed {
    refused = Collections.unmodifiableMap(new LinkedHashMap<>(refused));
  }

  @Override
  public String expectation() {
    return noun;
  }

  @Override
  public Stream<Setting<?>> settingsBelow() {
    return value.settingsBelow();
  }

  @Override
  public boolean nothingMeansAbsent() {
    return true;
  }

  @Override
  public Optional<Map<String, V>> read(Place place, Node node) {
    if (!(node instanceof MappingNode mapping)) {
      return mistyped(place, node);
    }
    Map<String, V> values = new LinkedHashMap<>();
    List<Entries> entries = Entries.of(place, mapping);
    for (Entries entry : entries) {
      if (allowed(entry)) {
        value.read(entry.place(), entry.value()).ifPresent(read -> values.put(entry.key(), read));
      }
    }
    if (entries.size() < least) {
      place.refuse("empty, expected " + noun, "add one, or leave the key out for the default");
    }
    return Optional.of(values);
  }

  private boolean allowed(Entries entry) {
    String reason = refused.get(entry.key().toLowerCase(Locale.ROOT));
    if (reason != null) {
      entry.place().refuseKey("may not be given here", reason);
      return false;
    }
    if (!entry.key().matches(name.form())) {
      entry
          .place()
          .refuseKey("'" + Nodes.shown(entry.key()) + "' is not " + name.noun(), name.words());
      return false;
    }
    return true;
  }

  @Override
  public String shown(Map<String, V> values) {
    return values.entrySet().stream()
        .map(entry -> entry.getKey() + ": " + value.shown(entry.getValue()))
        .collect(Collectors.joining(", ", "{", "}"));
  }
}
