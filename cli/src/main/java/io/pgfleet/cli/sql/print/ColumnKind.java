package io.pgfleet.cli.sql.print;

import io.pgfleet.wire.client.Column;

/** What a column's type means for its look. The OIDs are those of pg_type.dat. */
enum ColumnKind {
  NUMBER,
  /** Aligned as a number is, but not one in JSON. */
  RIGHT,
  BOOLEAN,
  JSON,
  TEXT;

  static ColumnKind of(Column column) {
    return switch ((int) column.typeOid()) {
      case 20, 21, 23, 26, 700, 701, 1700 -> NUMBER;
      case 28, 29, 790, 5069 -> RIGHT;
      case 16 -> BOOLEAN;
      case 114, 3802 -> JSON;
      default -> TEXT;
    };
  }

  boolean right() {
    return this == NUMBER || this == RIGHT;
  }
}
