package io.pgfleet.gateway.login;

import io.pgfleet.wire.ServerReport;
import io.pgfleet.wire.client.ConnectSettings;
import io.pgfleet.wire.client.Connection;
import io.pgfleet.wire.client.PostgresException;
import io.pgfleet.wire.client.Row;
import io.pgfleet.wire.scram.ScramVerifier;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A connection to the primary that calls {@code pgfleet.user_login}. */
public final class LookupConnection implements Verifiers.Question {
  private final Connection connection;
  private final BooleanSupplier current;

  private LookupConnection(Connection connection, BooleanSupplier current) {
    this.connection = connection;
    this.current = current;
  }

  /**
   * Connects and logs in.
   *
   * @param current whether the address still is that of the primary
   * @throws IOException if the server can't be reached or refuses
   */
  public static LookupConnection open(ConnectSettings settings, BooleanSupplier current)
      throws IOException {
    try {
      return new LookupConnection(Connection.open(settings), current);
    } catch (PostgresException e) {
      throw refused("the lookup account can't log in", e.report());
    }
  }

  @Override
  public Account ask(String user, boolean md5) throws IOException {
    try {
      return account(
          connection
              .query(
                  "SELECT found, secret, roles, iterations FROM pgfleet.user_login($1, $2)",
                  user,
                  md5 ? "true" : "false")
              .rows()
              .getFirst());
    } catch (PostgresException e) {
      throw refused("pgfleet.user_login can't be called", e.report());
    }
  }

  private static Account account(Row row) {
    boolean found = "t".equals(row.get(0));
    return new Account(found, Secret.parse(row.get(1)), roles(row.get(2)), iterations(row.get(3)));
  }

  private static Set<String> roles(@Nullable String text) {
    if (text == null || text.isEmpty()) {
      return Set.of();
    }
    return Arrays.stream(text.split(" "))
        .map(hex -> new String(HexFormat.of().parseHex(hex), StandardCharsets.UTF_8))
        .collect(Collectors.toUnmodifiableSet());
  }

  private static int iterations(@Nullable String text) {
    try {
      return text == null ? ScramVerifier.DEFAULT_ITERATIONS : Integer.parseInt(text);
    } catch (NumberFormatException e) {
      return ScramVerifier.DEFAULT_ITERATIONS;
    }
  }

  private static IOException refused(String what, ServerReport report) {
    return new IOException(what + ": " + report.message() + " (" + report.sqlState() + ")");
  }

  @Override
  public boolean current() {
    return current.getAsBoolean();
  }

  @Override
  public void close() {
    connection.close();
  }
}
