package io.pgfleet.backup.logical;

/** A table's name, as the catalog has it. */
public record TableName(String schema, String name) implements Comparable<TableName> {
  /** As it stands in a statement. */
  String quoted() {
    return quoted(schema) + "." + quoted(name);
  }

  static String quoted(String identifier) {
    return '"' + identifier.replace("\"", "\"\"") + '"';
  }

  /** For people. */
  @Override
  public String toString() {
    return schema + "." + name;
  }

  @Override
  public int compareTo(TableName other) {
    int schemas = schema.compareTo(other.schema);
    return schemas != 0 ? schemas : name.compareTo(other.name);
  }
}
