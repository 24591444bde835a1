package io.pgfleet.gateway.login;

import io.pgfleet.wire.ServerReport;
import io.pgfleet.wire.client.ConnectSettings;
import io.pgfleet.wire.client.Connection;
import io.pgfleet.wire.client.PostgresException;
import io.pgfleet.wire.scram.ScramVerifier;
import java.io.IOException;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** A connection to the primary that calls {@code pgfleet.user_verifier}. */
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
  public Optional<ScramVerifier> ask(String user) throws IOException {
    try {
      return parse(connection.query("SELECT pgfleet.user_verifier($1)", user).single());
    } catch (PostgresException e) {
      throw refused("pgfleet.user_verifier can't be called", e.report());
    }
  }

  private static IOException refused(String what, ServerReport report) {
    return new IOException(what + ": " + report.message() + " (" + report.sqlState() + ")");
  }

  private static Optional<ScramVerifier> parse(@Nullable String verifier) {
    try {
      return Optional.ofNullable(verifier).map(ScramVerifier::parse);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
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
