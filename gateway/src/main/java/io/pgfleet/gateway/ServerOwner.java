package io.pgfleet.gateway;

import io.pgfleet.gateway.login.Credentials;
import io.pgfleet.gateway.observe.Figures;
import io.pgfleet.wire.ServerReport;
import org.jspecify.annotations.Nullable;

/** Whom a server connection belongs to, and is told what becomes of it. */
sealed interface ServerOwner permits Pool, SharedListener {
  /** Where and as whom to log in. */
  PoolKey key();

  /** What to log in with. */
  Credentials keys();

  /** It has logged in. */
  void opened(ServerLink server);

  /** It could not be opened; with what the server said, if it did. */
  void openFailed(ServerLink server, @Nullable ServerReport refusal);

  /** It is free and clean. */
  void released(ServerLink server);

  /** It is gone. */
  void closed(ServerLink server);

  /** What its database and user have come to on its loop. */
  Figures figures();

  /** Whether it is of use still. */
  boolean isCurrent(ServerLink server);

  /** Statements prepared in an earlier one must be prepared again. */
  int statementEpoch();

  /** The schema has changed. */
  void statementsAreStale();

  /** A whole NotificationResponse came while no client had the server. */
  void notified(ServerLink server, byte[] message);
}
