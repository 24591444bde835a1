package io.pgfleet.spec.setting;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** What was read for the settings of one section. */
public final class Values {
  private record Read(Optional<?> value, Place place, boolean given, boolean sound) {}

  private final Place place;
  private final Map<String, Read> reads = new HashMap<>();

  Values(Place place) {
    this.place = place;
  }

  <T> void put(Setting<T> setting, Optional<T> value, Place at, boolean given, boolean sound) {
    reads.put(setting.key(), new Read(value, at, given, sound));
  }

  /** The section's own place; its name is the key under which it stands. */
  public Place place() {
    return place;
  }

  /** The value of a setting that has a default or must be given. */
  public <T> T get(Setting<T> setting) {
    return find(setting)
        .orElseThrow(() -> new IllegalStateException("no value for " + setting.key()));
  }

  /** The value given or its default, if there is either. */
  @SuppressWarnings("unchecked") // put takes no other value for this setting
  public <T> Optional<T> find(Setting<T> setting) {
    return (Optional<T>) read(setting).value();
  }

  /** Whether the text has the setting. */
  public boolean given(Setting<?> setting) {
    return read(setting).given();
  }

  /** Whether the value is the user's or the default; false if what the user gave was refused. */
  public boolean sound(Setting<?> setting) {
    return read(setting).sound();
  }

  /** Where the value stands, or the section if it is not given. */
  public Place at(Setting<?> setting) {
    return read(setting).place();
  }

  private Read read(Setting<?> setting) {
    Read read = reads.get(setting.key());
    if (read == null) {
      throw new IllegalArgumentException(setting.key() + " is no setting of this section");
    }
    return read;
  }
}
