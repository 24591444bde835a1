package io.pgfleet.consensus;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JacksonModule;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Turns records into JSON for the agreed state and back. Properties that a record does not know are
 * ignored, and those that the bytes lack are null, zero or false, so that processes of two versions
 * can share a tree during an upgrade; the record's constructor decides what it accepts. Durations
 * and instants are ISO 8601 text.
 *
 * @param <T> the record
 */
public final class JsonCodec<T> {
  private final Class<T> type;
  private final JsonMapper mapper;

  private JsonCodec(Class<T> type, JacksonModule... modules) {
    this.type = type;
    this.mapper =
        JsonMapper.builder()
            .addModules(modules)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .disable(DateTimeFeature.WRITE_DATES_AS_TIMESTAMPS)
            .disable(DateTimeFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
            .build();
  }

  /** A codec for one record type; keep it, making one is slow. */
  public static <T> JsonCodec<T> of(Class<T> type) {
    return new JsonCodec<>(type);
  }

  /** The same, with a say in how the values inside the record are written. */
  public static <T> JsonCodec<T> of(Class<T> type, JacksonModule module) {
    return new JsonCodec<>(type, module);
  }

  /** The value as UTF-8 JSON. */
  public byte[] encode(T value) {
    return mapper.writeValueAsBytes(value);
  }

  /**
   * The value that the bytes describe.
   *
   * @throws IllegalArgumentException if they describe none
   */
  public T decode(byte[] json) {
    try {
      T value = mapper.readValue(json, type);
      if (value == null) {
        throw new IllegalArgumentException("JSON null is no " + type.getSimpleName());
      }
      return value;
    } catch (JacksonException e) {
      throw new IllegalArgumentException(
          "not a " + type.getSimpleName() + " as JSON: " + e.getOriginalMessage(), e);
    }
  }
}
