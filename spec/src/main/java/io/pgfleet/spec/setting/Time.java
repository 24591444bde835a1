package io.pgfleet.spec.setting;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.Tag;

/** A duration such as {@code 90s}: a whole number and a unit; both bounds included. */
public record Time(Duration least, Duration most) implements Kind<Duration> {
  /** What a duration matches as a whole. */
  public static final String FORM = "[0-9]{1,9}(ms|s|m|h|d)";

  private static final Pattern PARTS = Pattern.compile("([0-9]{1,9})\\s*([A-Za-z]+)");
  private static final Map<String, ChronoUnit> UNITS = new LinkedHashMap<>();

  static {
    UNITS.put("d", ChronoUnit.DAYS);
    UNITS.put("h", ChronoUnit.HOURS);
    UNITS.put("m", ChronoUnit.MINUTES);
    UNITS.put("s", ChronoUnit.SECONDS);
    UNITS.put("ms", ChronoUnit.MILLIS);
  }

  @Override
  public String expectation() {
    return "a duration from " + shown(least) + " to " + shown(most);
  }

  @Override
  public Optional<Duration> read(Place place, Node node) {
    Optional<String> bare = Nodes.scalar(node, Tag.INT);
    if (bare.isPresent()) {
      String number = Nodes.shown(bare.get());
      place.refuse(
          number + " has no unit, expected " + expectation(),
          "write " + number + "s for seconds; the units are ms, s, m, h and d");
      return Optional.empty();
    }
    Optional<String> text = Nodes.scalar(node, Tag.STR);
    if (text.isEmpty()) {
      return mistyped(place, node);
    }
    if (!text.get().matches(FORM)) {
      place.refuse(
          "'" + Nodes.shown(text.get()) + "' is not a duration, expected " + expectation(),
          correction(text.get())
              .map(better -> "write " + better)
              .orElse("write a whole number and one of the units ms, s, m, h and d, such as 90s"));
      return Optional.empty();
    }
    Duration duration = parse(text.get());
    if (duration.compareTo(least) < 0 || duration.compareTo(most) > 0) {
      place.refuse(text.get() + " is out of range, expected " + expectation());
      return Optional.empty();
    }
    return Optional.of(duration);
  }

  @Override
  public String shown(Duration duration) {
    return inWholeUnits(duration);
  }

  /**
   * The duration in its largest whole unit, as it may stand in a file.
   *
   * @throws IllegalArgumentException if it is finer than a millisecond
   */
  public static String inWholeUnits(Duration duration) {
    for (Map.Entry<String, ChronoUnit> unit : UNITS.entrySet()) {
      long millis = unit.getValue().getDuration().toMillis();
      if (duration.toMillis() % millis == 0) {
        return duration.toMillis() / millis + unit.getKey();
      }
    }
    throw new IllegalArgumentException("finer than a millisecond: " + duration);
  }

  private static Duration parse(String text) {
    Matcher parts = PARTS.matcher(text);
    ChronoUnit unit = parts.matches() ? UNITS.get(parts.group(2)) : null;
    if (unit == null) {
      throw new IllegalArgumentException("not a duration: " + text);
    }
    return unit.getDuration().multipliedBy(Long.parseLong(parts.group(1)));
  }

  /** {@code 5m} for {@code 5 minutes}. */
  private static Optional<String> correction(String text) {
    Matcher parts = PARTS.matcher(text.strip());
    if (!parts.matches()) {
      return Optional.empty();
    }
    String word = parts.group(2).toLowerCase(Locale.ROOT);
    String unit = word.startsWith("ms") || word.startsWith("mil") ? "ms" : word.substring(0, 1);
    boolean known =
        word.matches("d|days?|h|hrs?|hours?|m|mins?|minutes?|s|secs?|seconds?")
            || word.matches("ms|msecs?|millis?|milliseconds?");
    return known ? Optional.of(parts.group(1) + unit) : Optional.empty();
  }
}
