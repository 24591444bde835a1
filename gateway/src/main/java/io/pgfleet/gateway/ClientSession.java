package io.pgfleet.gateway;

import io.pgfleet.gateway.listen.ClientChannels;
import io.pgfleet.gateway.statement.NamedStatement;
import io.pgfleet.gateway.statement.ReadScan;
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

  /** Reasons whose end the server can be asked about, see {@link SessionProbe}. */
  private static final int CAN_BE_PROBED =
      StatementScan.PINS_LOCK
          | StatementScan.PINS_TEMPORARY
          | StatementScan.PINS_HOLD
          | StatementScan.PINS_PREPARE;

  private final ClientLink client;
  private final ClientStatements statements;
  private final ClientTimes times;
  private int pins;
  private int newPins;
  private int requests;
  private boolean firstBegins;
  private boolean mayHaveEnded;
  private boolean failedOnce;
  private boolean watchesTags;
  private boolean mayUnpin;
  private boolean savepoint;
  private boolean copyIn;
  private boolean mayWrite;

  ClientSession(ClientLink client, ClientStatements statements, ClientTimes times) {
    this.client = client;
    this.statements = statements;
    this.times = times;
  }

  /** A statement with these flags is being sent. */
  void begins(int flags, byte status) {
    if (requests == 0) {
      times.began(status, client.limits());
      if (status == TransactionStatus.IDLE) {
        savepoint = false;
        firstBegins = (flags & StatementScan.FIRST_BEGINS) != 0;
      }
    }
    requests++;
    mayHaveEnded |= (flags & StatementScan.ENDS) != 0;
    newPins |= flags & StatementScan.PINS;
    watchesTags |= (flags & StatementScan.FORGETS) != 0;
    mayUnpin |= (flags & StatementScan.MAY_UNPIN) != 0;
    savepoint |= (flags & StatementScan.SAVES) != 0;
    boolean harmless = (flags & (ReadScan.HARMLESS | ReadScan.CALLS)) == ReadScan.HARMLESS;
    mayWrite |= !harmless && (flags & ReadScan.VERIFIED) == 0;
  }

  /** A savepoint was made in this transaction, perhaps. */
  boolean hasSavepoint() {
    return savepoint;
  }

  /** What was sent since all was answered, or in this transaction, may write. */
  boolean mayWrite() {
    return mayWrite;
  }

  /** A transaction has ended, and nothing else is under way. */
  void ended() {
    mayWrite = false;
  }

  /** What was sent may end the transaction. */
  boolean mayHaveEnded() {
    return mayHaveEnded;
  }

  /** More is known of the statement that is being sent. */
  void adds(int flags) {
    newPins |= flags & StatementScan.PINS;
    watchesTags |= (flags & StatementScan.FORGETS) != 0;
  }

  boolean watchesTags() {
    ClientChannels channels = client.ears.channels();
    return watchesTags || (channels != null && channels.watches());
  }

  /** A pin may be over, and the server can tell. */
  boolean mayUnpin() {
    return mayUnpin && pins != 0 && newPins == 0 && (pins & ~CAN_BE_PROBED) == 0;
  }

  /** The server was asked, see {@link SessionProbe}. */
  void probed(boolean nothing) {
    mayUnpin = false;
    if (nothing) {
      pins &= ~CAN_BE_PROBED;
    }
  }

  /** A statement that was watched has ended. */
  void tag(String tag, PreparedStatements prepared) {
    switch (tag) {
      case "DISCARD ALL" -> {
        forget(prepared);
        client.ears.discarded();
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
    mayWrite = false;
    newPins = 0;
    mayUnpin = false;
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

  private boolean hasMode(PoolMode mode) {
    Pool pool = client.pool;
    return pool != null && pool.settings().poolMode() == mode;
  }

  private boolean keepsServer() {
    return pins() != 0 || hasMode(PoolMode.SESSION);
  }

  /** Whether the client's server may go to another client now. */
  boolean mayRelease(ServerLink held) {
    return !(client.loggedIn && keepsServer()) && isFree(held);
  }

  private boolean isFree(ServerLink held) {
    return held.exchange.isEmpty()
        && !held.exchange.unsynced()
        && held.status() == TransactionStatus.IDLE
        && !client.requests.midMessage()
        && held.outbox().isEmpty();
  }

  /** Something of the session is on the server. */
  boolean leavesState() {
    return pins() != 0 || (hasMode(PoolMode.SESSION) && client.loggedIn);
  }

  /** The server may be asked whether the client still needs just this one. */
  boolean wantsProbe(ServerLink held) {
    return client.loggedIn && mayUnpin() && !hasMode(PoolMode.SESSION) && isFree(held);
  }

  /** Whether notifications that come on the client's own server are its own. */
  boolean hearsServer() {
    return hasMode(PoolMode.SESSION) || (pins() & StatementScan.PINS_LISTEN) != 0;
  }

  /** Transaction blocks are refused. */
  boolean refusesBlocks() {
    return hasMode(PoolMode.STATEMENT);
  }
}
