package io.pgfleet.gateway;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** What the gateway needs in the primary's database {@code postgres}. */
public final class GatewaySchema {
  /** The role that may call the lookup function; its password is the caller's to set. */
  public static final String ROLE = "pgfleet_gateway";

  private GatewaySchema() {}

  /**
   * The script that a superuser runs once on a new primary, as one simple query; running it again
   * changes nothing.
   */
  public static String sql() {
    try (InputStream in = GatewaySchema.class.getResourceAsStream("schema.sql")) {
      if (in == null) {
        throw new IllegalStateException("schema.sql is missing from the program");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
