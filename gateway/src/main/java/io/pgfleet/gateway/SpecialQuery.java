package io.pgfleet.gateway;

import io.pgfleet.gateway.listen.ListenText;
import io.pgfleet.gateway.message.Messages;
import io.pgfleet.gateway.statement.ReadScan;
import io.pgfleet.gateway.statement.StatementScan;
import io.pgfleet.wire.Protocol;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A whole Query before it is sent, and whether it is for the server as it is: some are answered
 * here, some have to wait, and a LISTEN, or what is refused, stands on the server as something
 * else.
 */
final class SpecialQuery {
  /** Queries that are not simply passed on. */
  private static final int SPECIAL =
      StatementScan.BEGINS
          | StatementScan.DEALLOCATES
          | StatementScan.PINS_LISTEN
          | StatementScan.UNLISTENS
          | StatementScan.LOWERS_COMMIT;

  private final EventLoop loop;
  private final ClientLink client;
  private final ClientStatements statements;
  private final StatementRequests named;
  private final CommitGuard guard;
  private boolean refused;
  private int flags;
  private boolean asItIs;
  private @Nullable ListenText listens;

  SpecialQuery(
      EventLoop loop,
      ClientLink client,
      ClientStatements statements,
      StatementRequests named,
      CommitGuard guard) {
    this.guard = guard;
    this.loop = loop;
    this.client = client;
    this.statements = statements;
    this.named = named;
  }

  /**
   * Reads a query.
   *
   * @return whether it is dealt with, or must wait; null if it goes on to the server
   */
  @Nullable Boolean read(ByteBuffer source, int at, int end) {
    listens = null;
    refused = false;
    flags = client.reads.scan(source, at + Protocol.HEADER_SIZE, end);
    if ((flags & SPECIAL) == 0) {
      return null;
    }
    if ((flags & StatementScan.BEGINS) != 0 && client.session.refusesBlocks()) {
      return refuseBlock();
    }
    refused = guard.refuses(flags);
    if (refused) {
      return null;
    }
    if (SpecialQuery.isDeallocate(flags)) {
      return statements.size() > 0 ? named.deallocated(source, at, end) : null;
    }
    if ((flags & (StatementScan.PINS_LISTEN | StatementScan.UNLISTENS)) != 0) {
      return listens(source, at, end) ? null : false;
    }
    return null;
  }

  /** The text is one DEALLOCATE of a name and nothing else. */
  static boolean isDeallocate(int flags) {
    return (flags & (ReadScan.READS - 1) & ~StatementScan.MAY_UNPIN) == StatementScan.DEALLOCATES;
  }

  private boolean refuseBlock() {
    ServerLink server = client.server();
    if (server != null && (!server.exchange.isEmpty() || server.exchange.unsynced())) {
      client.fatal(Reports.noBlocks());
      return false;
    }
    loop.toClient.put(Messages.error(Reports.noBlocks()));
    loop.toClient.put(Messages.ready(Protocol.TransactionStatus.IDLE));
    return true;
  }

  /** A LISTEN or UNLISTEN; false if it must wait for the shared listener. */
  private boolean listens(ByteBuffer source, int at, int end) {
    int body = at + Protocol.HEADER_SIZE;
    ListenText text = ListenText.parse(source, body, end - 1).orElse(null);
    asItIs = text == null;
    if (text == null) {
      if (client.ears.listening() != null && (flags & StatementScan.PINS_LISTEN) == 0) {
        listens = ListenText.unlisteningAll(source, body, end - 1).orElse(null);
      }
      return true;
    }
    Listening.Verdict verdict = named.verdict(text, flags);
    listens = verdict == Listening.Verdict.READY ? text : null;
    return verdict != Listening.Verdict.WAIT;
  }

  /** What the query does to the session that is not the shared listener's. */
  int flags() {
    if (refused) {
      return flags & ~StatementScan.PINS;
    }
    return listens == null ? flags : flags & ~StatementScan.PINS_LISTEN;
  }

  /** It is sent now. */
  void sends(int segment) {
    ListenText text = listens;
    Listening open = client.ears.listening();
    if (text != null && open != null) {
      open.channels.sends(text, segment);
    }
  }

  /** What the server gets instead; null if it gets the query as it is. */
  @Nullable String substitute() {
    ListenText text = listens;
    if (refused) {
      return CommitGuard.SUBSTITUTE;
    }
    return text == null || asItIs ? null : text.substitute();
  }
}
