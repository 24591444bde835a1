package io.pgfleet.consensus.group;

import io.pgfleet.spec.NodeName;
import io.pgfleet.wire.Lsn;
import java.util.function.Function;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JacksonModule;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.deser.std.StdDeserializer;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.StdSerializer;

/** The small values inside a group's records, written as a person would: "n1", "0/3000060". */
public final class GroupJson {
  private GroupJson() {}

  /** Names, terms and positions as text. */
  public static JacksonModule module() {
    SimpleModule module = new SimpleModule("pgfleet-group");
    add(module, NodeName.class, NodeName::new);
    add(module, Lsn.class, Lsn::parse);
    add(module, Term.class, text -> new Term(Long.parseLong(text)));
    return module;
  }

  private static <T> void add(SimpleModule module, Class<T> type, Function<String, T> parse) {
    module.addSerializer(type, new AsText<>(type));
    module.addDeserializer(type, new FromText<>(type, parse));
  }

  private static final class AsText<T> extends StdSerializer<T> {
    AsText(Class<T> type) {
      super(type);
    }

    @Override
    public void serialize(T value, JsonGenerator out, SerializationContext context) {
      out.writeString(value.toString());
    }
  }

  private static final class FromText<T> extends StdDeserializer<T> {
    private final transient Function<String, T> parse;

    FromText(Class<T> type, Function<String, T> parse) {
      super(type);
      this.parse = parse;
    }

    @Override
    public T deserialize(JsonParser in, DeserializationContext context) {
      return parse.apply(in.getValueAsString());
    }
  }
}
