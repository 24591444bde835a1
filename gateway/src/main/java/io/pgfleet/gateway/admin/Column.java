package io.pgfleet.gateway.admin;

/** A column of an admin table. */
record Column(String name, Type type) {
  /** Types by their numbers in PostgreSQL's catalog. */
  enum Type {
    TEXT(25, -1),
    INT4(23, 4),
    INT8(20, 8),
    NUMERIC(1700, -1);

    final int oid;
    final int size;

    Type(int oid, int size) {
      this.oid = oid;
      this.size = size;
    }
  }

  static Column text(String name) {
    return new Column(name, Type.TEXT);
  }

  static Column int4(String name) {
    return new Column(name, Type.INT4);
  }

  static Column int8(String name) {
    return new Column(name, Type.INT8);
  }

  static Column numeric(String name) {
    return new Column(name, Type.NUMERIC);
  }
}
