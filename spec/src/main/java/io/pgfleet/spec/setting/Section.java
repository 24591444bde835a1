package io.pgfleet.spec.setting;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * A mapping whose keys are declared.
 *
 * @param noun what it is, with its article
 * @param settings its keys, in the order of the reference
 * @param rule which of them exclude one another
 */
public record Section(String noun, List<Setting<?>> settings, Rule rule) implements Kind<Values> {
  /** Which settings exclude one another. */
  public sealed interface Rule {}

  /** None do. */
  public record Free() implements Rule {}

  /** At most one of these is given. */
  public record AtMostOne(List<String> keys) implements Rule {}

  /** Exactly one setting of the section is given. */
  public record ExactlyOne() implements Rule {}

  /** Copies the settings. */
  public Section {
    settings = List.copyOf(settings);
  }

  /** A section whose settings do not exclude one another. */
  public static Section of(String noun, Setting<?>... settings) {
    return new Section(noun, List.of(settings), new Free());
  }

  @Override
  public String expectation() {
    return noun;
  }

  @Override
  public Stream<Setting<?>> settingsBelow() {
    return settings.stream()
        .flatMap(setting -> Stream.concat(Stream.of(setting), setting.kind().settingsBelow()));
  }

  @Override
  public boolean nothingMeansAbsent() {
    return !(rule instanceof ExactlyOne);
  }

  /** Always answers: what is missing or refused has been reported and is absent. */
  @Override
  public Optional<Values> read(Place place, Node node) {
    Map<String, Entries> given = new HashMap<>();
    Values values = new Values(place);
    boolean wrongType = false;
    if (node instanceof MappingNode mapping) {
      for (Entries entry : Entries.of(place, mapping)) {
        given.put(entry.key(), entry);
      }
      checkUnknown(place, given);
      checkRule(place, List.copyOf(given.values()));
    } else if (!(Nodes.isNothing(node) && nothingMeansAbsent())) {
      place.refuse("expected " + noun + ", found " + place.found(node));
      wrongType = true;
    }
    for (Setting<?> setting : settings) {
      read(setting, place, values, Optional.ofNullable(given.get(setting.key())), wrongType);
    }
    return Optional.of(values);
  }

  private static <T> void read(
      Setting<T> setting, Place section, Values values, Optional<Entries> entry, boolean excused) {
    Kind<T> kind = setting.kind();
    boolean given =
        entry.isPresent() && !(Nodes.isNothing(entry.get().value()) && kind.nothingMeansAbsent());
    if (given) {
      Place at = entry.get().place().of(setting);
      Node node = entry.get().value();
      Optional<T> value = kind.read(at, node);
      if (at.secret() && (value.isEmpty() || !(node instanceof MappingNode))) {
        at.hide(node);
      }
      boolean sound = value.isPresent();
      values.put(setting, sound ? value : fallback(setting, at), at, true, sound);
      return;
    }
    Place at = entry.map(Entries::place).orElseGet(() -> section.implied(setting.key()));
    if (setting.absence() instanceof Setting.Required && !excused) {
      at.refuseKey(
          "missing, expected " + kind.expectation(), "add " + setting.key() + ": to this section");
    }
    values.put(setting, fallback(setting, at), at, false, true);
  }

  private static <T> Optional<T> fallback(Setting<T> setting, Place at) {
    return switch (setting.absence()) {
      case Setting.Default(String yaml) -> setting.kind().read(at, YamlText.fragment(yaml));
      case Setting.Otherwise _, Setting.Required _ -> Optional.empty();
    };
  }

  private void checkUnknown(Place place, Map<String, Entries> given) {
    List<String> known = settings.stream().map(Setting::key).toList();
    for (Entries entry : given.values()) {
      if (known.contains(entry.key())) {
        continue;
      }
      Optional<String> near = Nearest.of(entry.key(), known);
      if (place.secret() || (near.isPresent() && isSecret(near.get()))) {
        entry.place().hide(entry.value());
      }
      entry
          .place()
          .refuseKey(
              "unknown key",
              near.map(key -> "did you mean " + key + "?")
                  .orElse("the keys here are " + String.join(", ", known)));
    }
  }

  private boolean isSecret(String key) {
    return settings.stream().anyMatch(setting -> setting.secret() && setting.key().equals(key));
  }

  private void checkRule(Place place, List<Entries> given) {
    List<String> keys =
        switch (rule) {
          case Free _ -> List.of();
          case AtMostOne(List<String> some) -> some;
          case ExactlyOne _ -> settings.stream().map(Setting::key).toList();
        };
    List<Place> hits =
        given.stream()
            .filter(entry -> keys.contains(entry.key()))
            .map(Entries::place)
            .sorted((a, b) -> a.key().compareTo(b.key()))
            .toList();
    if (hits.size() > 1) {
      hits.getLast()
          .refuseKey(
              String.join(" and ", hits.stream().map(Place::name).toList())
                  + " exclude one another",
              "keep one of them");
    } else if (hits.isEmpty() && rule instanceof ExactlyOne && given.isEmpty()) {
      place.refuse("empty, expected " + noun);
    }
  }

  @Override
  public String shown(Values values) {
    return shown("", values).entrySet().stream()
        .map(entry -> entry.getKey() + ": " + entry.getValue())
        .collect(Collectors.joining(", ", "{", "}"));
  }

  /** Every setting that has a value, by its path below the prefix, as it is written. */
  public Map<String, String> shown(String prefix, Values values) {
    Map<String, String> all = new LinkedHashMap<>();
    for (Setting<?> setting : settings) {
      show(prefix, setting, values, all);
    }
    return all;
  }

  private static <T> void show(
      String prefix, Setting<T> setting, Values values, Map<String, String> all) {
    Optional<T> value = values.find(setting);
    if (value.isEmpty()) {
      return;
    }
    String path = prefix + setting.key();
    show(path, setting.kind(), value.get(), setting.secret(), all);
  }

  private static <T> void show(
      String path, Kind<T> kind, T value, boolean secret, Map<String, String> all) {
    if (secret) {
      all.put(path, "...");
    } else if (kind instanceof Section section && value instanceof Values below) {
      all.putAll(section.shown(path + ".", below));
    } else if (kind instanceof Keyed<?> keyed && value instanceof Map<?, ?> below) {
      showEach(path, keyed, below, all);
    } else if (kind instanceof Counted<?> counted && value instanceof Map<?, ?> below) {
      showEach(path, counted.keyed(), below, all);
    } else {
      all.put(path, kind.shown(value));
    }
  }

  @SuppressWarnings("unchecked") // the values of a mapping are of the mapping's own kind
  private static <V> void showEach(
      String path, Keyed<V> keyed, Map<?, ?> values, Map<String, String> all) {
    values.forEach((name, value) -> show(path + "." + name, keyed.value(), (V) value, false, all));
  }
}
