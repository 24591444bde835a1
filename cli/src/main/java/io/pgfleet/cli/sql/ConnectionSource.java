package io.pgfleet.cli.sql;

import io.pgfleet.wire.client.ConnectSettings;

/** Where the shell connects to when its options name no server: the fleet's gateway. */
@FunctionalInterface
public interface ConnectionSource {
  /**
   * Host, port, database, user and password.
   *
   * @throws ShellException if there is no fleet to connect to; the message says what to do
   */
  ConnectSettings settings() throws ShellException;
}
