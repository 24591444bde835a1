package io.pgfleet.spec.setting;

import java.util.Optional;

/**
 * One setting, declared once: its key, what its value looks like, what holds without it, a sentence
 * on what it does, advice for a wrong value, and whether the value is secret.
 */
public record Setting<T>(
    String key,
    Kind<T> kind,
    Absence absence,
    String sentence,
    Optional<String> advice,
    boolean secret) {

  /** What holds if the setting is not given. */
  public sealed interface Absence {}

  /** The same as if this YAML were given. */
  public record Default(String yaml) implements Absence {}

  /** What these words say. */
  public record Otherwise(String words) implements Absence {}

  /** It must be given. */
  public record Required() implements Absence {}

  /** A setting with a default, which is YAML. */
  public static <T> Setting<T> withDefault(String key, Kind<T> kind, String yaml, String sentence) {
    return new Setting<>(key, kind, new Default(yaml), sentence, Optional.empty(), false);
  }

  /** A setting without which something else holds. */
  public static <T> Setting<T> optional(
      String key, Kind<T> kind, String otherwise, String sentence) {
    return new Setting<>(key, kind, new Otherwise(otherwise), sentence, Optional.empty(), false);
  }

  /** A setting that must be given. */
  public static <T> Setting<T> required(String key, Kind<T> kind, String sentence) {
    return new Setting<>(key, kind, new Required(), sentence, Optional.empty(), false);
  }

  /** A section in which nothing needs to be given. */
  public static Setting<Values> section(String key, Section section, String sentence) {
    return withDefault(key, section, "{}", sentence);
  }

  /** The same with advice for whoever gets the value wrong. */
  public Setting<T> advising(String words) {
    return new Setting<>(key, kind, absence, sentence, Optional.of(words), secret);
  }

  /** The same with a value that may not be shown. */
  public Setting<T> hidden() {
    return new Setting<>(key, kind, absence, sentence, advice, true);
  }
}
