package io.pgfleet.gateway;

import io.pgfleet.gateway.statement.NamedStatement;
import io.pgfleet.gateway.statement.Statement;
import io.pgfleet.gateway.statement.StatementScan;
import io.pgfleet.wire.Protocol.TransactionStatus;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What the gateway knows of a client's session and of the transaction it is in: what a server's
 * loss means for it, and whether it is tied to its server.
 */
final class ClientSession {
  /** Reasons to stay on the server that an error does not undo. */
  private static final int SURVIVES_ERRORS =
      StatementScan.PINS_LOCK | StatementScan.PINS_PREPARE | StatementScan.PINS_LARGE;

  private final ClientStatements statements;
  private int pins;
  private int newPins;
  private int requests;
  private boolean firstBegins;
  private boolean mayHaveEnded;
  private boolean failedOnce;
  private boolean watchesTags;
  private boolean copyIn;

  ClientSession(ClientStatements statements) {
    this.statements = statements;
  }

  /** A statement with these flags is being sent. */
  void begins(int flags, byte status) {
    if (requests == 0 && status == TransactionStatus.IDLE) {
      firstBegins = (flags & StatementScan.FIRST_BEGINS) != 0;
    }
    requests++;
    mayHaveEnded |= (flags & StatementScan.ENDS) != 0;
    newPins |= flags & StatementScan.PINS;
    watchesTags |= (flags & StatementScan.FORGETS) != 0;
  }

  /** More is known of the statement that is being sent. */
  void adds(int flags) {
    newPins |= flags & StatementScan.PINS;
    watchesTags |= (flags & StatementScan.FORGETS) != 0;
  }

  boolean watchesTags() {
    return watchesTags;
  }

  /** A statement that was watched has ended. */
  void tag(String tag, PreparedStatements prepared) {
    switch (tag) {
      case "DISCARD ALL" -> {
        forget(prepared);
        if (requests <= 1) {
          newPins = 0;
          pins = 0;
        }
      }
      case "DEALLOCATE ALL" -> forget(prepared);
      default -> {
        // it was another statement
      }
    }
  }

  private void forget(PreparedStatements prepared) {
    prepared.clear();
    statements.clear();
  }

  /** A Close is final. */
  void closed(@Nullable NamedStatement removed) {
    statements.forget(removed);
  }

  void failed() {
    failedOnce = true;
    copyIn = false;
  }

  /** Everything sent has been answered. Gives the reasons to stay on the server that are new. */
  int settled() {
    int added = 0;
    if (newPins != 0) {
      int kept = failedOnce && requests <= 1 ? newPins & SURVIVES_ERRORS : newPins;
      added = kept & ~pins;
      pins |= kept;
      newPins = 0;
    }
    requests = 0;
    firstBegins = false;
    mayHaveEnded = false;
    failedOnce = false;
    watchesTags = false;
    copyIn = false;
    return added;
  }

  int pins() {
    return pins | newPins;
  }

  /** An error's fields with the client's names of statements; null if they name none. */
  byte @Nullable [] inItsNames(ByteBuffer fields) {
    return StatementNames.inError(fields, statements);
  }

  boolean copyIn() {
    return copyIn;
  }

  void copyIn(boolean on) {
    copyIn = on;
  }

  /** Whether what runs on a lost server has certainly been rolled back. */
  boolean certainlyRolledBack(byte status) {
    return (status != TransactionStatus.IDLE || firstBegins) && !mayHaveEnded;
  }

  /** All of the session that lived on the server is gone. */
  void serverLost() {
    newPins = 0;
    settled();
  }

  /** The client's part of {@link Exchange.Undo}. */
  void undo(Exchange.Owed owed, @Nullable NamedStatement named, @Nullable Statement statement) {
    if (named == null) {
      return;
    }
    switch (owed) {
      case PARSE, LOCAL_PARSE -> statements.forget(statements.remove(named.name()));
      case LOCAL_CLOSE -> statements.put(named);
      case PASS, INJECTED_PARSE, INJECTED_UNNAMED, INJECTED_CLOSE, COPY_END, SYNC, QUERY -> {
        // nothing of the client's
      }
    }
  }
}
