package io.pgfleet.spec;

import io.pgfleet.spec.setting.AnyScalar;
import io.pgfleet.spec.setting.Choice;
import io.pgfleet.spec.setting.Counted;
import io.pgfleet.spec.setting.FilePath;
import io.pgfleet.spec.setting.Flag;
import io.pgfleet.spec.setting.Items;
import io.pgfleet.spec.setting.Keyed;
import io.pgfleet.spec.setting.Kind;
import io.pgfleet.spec.setting.OrWord;
import io.pgfleet.spec.setting.Section;
import io.pgfleet.spec.setting.Setting;
import io.pgfleet.spec.setting.Size;
import io.pgfleet.spec.setting.Text;
import io.pgfleet.spec.setting.Time;
import io.pgfleet.spec.setting.Whole;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** The JSON Schema of {@code fleet.yaml}, draft 2020-12, made from its declaration. */
final class SchemaPage {
  private SchemaPage() {}

  static String text() {
    Map<String, Object> schema = new LinkedHashMap<>();
    schema.put("$schema", "https://json-schema.org/draft/2020-12/schema");
    schema.put("title", "fleet.yaml");
    schema.put("description", "A PostgreSQL fleet, run by pgfleet.");
    schema.putAll(schema(FleetKeys.SECTION));
    JsonMapper mapper = JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
    return mapper.writeValueAsString(schema).replace("\r\n", "\n") + "\n";
  }

  private static Map<String, Object> schema(Kind<?> kind) {
    return switch (kind) {
      case Text text -> ordered("type", "string", "pattern", whole(text.form()));
      case Whole number ->
          ordered("type", "integer", "minimum", number.least(), "maximum", number.most());
      case Size _ -> ordered("type", "string", "pattern", whole(Size.FORM));
      case OrWord<?> either ->
          ordered("anyOf", List.of(schema(either.kind()), ordered("enum", List.of(either.word()))));
      case Flag _ -> ordered("type", "boolean");
      case Choice<?> choice -> ordered("enum", List.copyOf(choice.words().keySet()));
      case Time _ -> ordered("type", "string", "pattern", whole(Time.FORM));
      case FilePath _ -> ordered("type", "string", "pattern", whole(FilePath.FORM));
      case AnyScalar _ ->
          ordered("type", List.of("string", "number", "boolean"), "pattern", whole(AnyScalar.FORM));
      case Items<?> items -> ordered("type", "array", "items", schema(items.item()));
      case Counted<?> counted ->
          ordered("anyOf", List.of(schema(counted.number()), schema(counted.keyed())));
      case Keyed<?> keyed -> keyed(keyed);
      case Section section -> section(section);
    };
  }

  private static Map<String, Object> keyed(Keyed<?> keyed) {
    Map<String, Object> names = ordered("pattern", whole(keyed.name().form()));
    if (!keyed.refused().isEmpty()) {
      names.put("not", ordered("enum", List.copyOf(keyed.refused().keySet())));
    }
    Map<String, Object> schema = ordered("type", type(keyed), "propertyNames", names);
    schema.put("additionalProperties", schema(keyed.value()));
    if (keyed.least() > 0) {
      schema.put("minProperties", keyed.least());
    }
    return schema;
  }

  private static Map<String, Object> section(Section section) {
    Map<String, Object> properties = new LinkedHashMap<>();
    for (Setting<?> setting : section.settings()) {
      properties.put(setting.key(), property(setting));
    }
    Map<String, Object> schema = ordered("type", type(section), "properties", properties);
    schema.put("additionalProperties", false);
    List<String> required =
        section.settings().stream()
            .filter(setting -> setting.absence() instanceof Setting.Required)
            .map(Setting::key)
            .toList();
    if (!required.isEmpty()) {
      // A section that needs a key may not be empty either.
      schema.put("type", "object");
      schema.put("required", required);
    }
    switch (section.rule()) {
      case Section.Free _ -> {}
      case Section.AtMostOne(List<String> keys) -> schema.put("not", ordered("required", keys));
      case Section.ExactlyOne _ -> {
        schema.put("minProperties", 1);
        schema.put("maxProperties", 1);
      }
    }
    return schema;
  }

  private static Map<String, Object> property(Setting<?> setting) {
    Map<String, Object> schema = ordered("description", setting.sentence());
    if (setting.absence() instanceof Setting.Default(String yaml)) {
      schema.put("default", Objects.requireNonNull(Samples.plain(yaml)));
    }
    schema.putAll(schema(setting.kind()));
    return schema;
  }

  private static Object type(Kind<?> kind) {
    return kind.nothingMeansAbsent() ? List.of("object", "null") : "object";
  }

  private static String whole(String form) {
    return "^(?:" + form + ")$";
  }

  private static Map<String, Object> ordered(String key, Object value, Object... more) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put(key, value);
    for (int i = 0; i < more.length; i += 2) {
      map.put((String) more[i], more[i + 1]);
    }
    return map;
  }
}
