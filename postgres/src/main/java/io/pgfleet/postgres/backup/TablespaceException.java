package io.pgfleet.postgres.backup;

import java.io.IOException;

/** A server has a tablespace outside its data folder, which is not copied; the message is where. */
public final class TablespaceException extends IOException {
  private static final long serialVersionUID = 1;

  TablespaceException(String location) {
    super(location);
  }
}
