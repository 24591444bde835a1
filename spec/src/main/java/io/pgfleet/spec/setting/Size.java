package io.pgfleet.spec.setting;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.Tag;

/** A number of bytes such as {@code 16MB}: a whole number and a unit; both bounds included. */
public record Size(long least, long most) implements Kind<Long> {
  /** What a size matches as a whole. */
  public static final String FORM = "[0-9]{1,9}(B|kB|MB|GB)";

  private static final Pattern PARTS = Pattern.compile("([0-9]{1,9})\\s*([A-Za-z]+)");
  private static final Map<String, Long> UNITS = new LinkedHashMap<>();

  static {
    UNITS.put("GB", 1L << 30);
    UNITS.put("MB", 1L << 20);
    UNITS.put("kB", 1L << 10);
    UNITS.put("B", 1L);
  }

  @Override
  public String expectation() {
    return "a size from " + shown(least) + " to " + shown(most);
  }

  @Override
  public Optional<Long> read(Place place, Node node) {
    Optional<String> bare = Nodes.scalar(node, Tag.INT);
    if (bare.isPresent()) {
      String number = Nodes.shown(bare.get());
      place.refuse(
          number + " has no unit, expected " + expectation(),
          "write " + number + "B for bytes; the units are B, kB, MB and GB");
      return Optional.empty();
    }
    Optional<String> text = Nodes.scalar(node, Tag.STR);
    if (text.isEmpty()) {
      return mistyped(place, node);
    }
    Matcher parts = PARTS.matcher(text.get());
    Long unit = parts.matches() ? UNITS.get(parts.group(2)) : null;
    if (unit == null || !text.get().matches(FORM)) {
      place.refuse(
          "'" + Nodes.shown(text.get()) + "' is not a size, expected " + expectation(),
          "write a whole number and one of the units B, kB, MB and GB, such as 16MB");
      return Optional.empty();
    }
    long bytes = Long.parseLong(parts.group(1)) * unit;
    if (bytes < least || bytes > most) {
      place.refuse(text.get() + " is out of range, expected " + expectation());
      return Optional.empty();
    }
    return Optional.of(bytes);
  }

  @Override
  public String shown(Long bytes) {
    for (Map.Entry<String, Long> unit : UNITS.entrySet()) {
      if (bytes % unit.getValue() == 0 && (bytes > 0 || unit.getValue() == 1)) {
        return bytes / unit.getValue() + unit.getKey();
      }
    }
    throw new IllegalArgumentException("finer than a byte: " + bytes);
  }
}
