package io.pgfleet.gateway.observe;

import java.util.Locale;

/** The kind of server that a statement went to. */
public enum Route {
  /** The server that takes writes. */
  PRIMARY,
  /** A server that follows it. */
  STANDBY;

  /** As labels and logs name it. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
