package io.pgfleet.gateway;

import io.pgfleet.gateway.message.ProtocolViolation;
import io.pgfleet.gateway.message.ZeroEnded;
import io.pgfleet.gateway.route.FunctionCatalog;
import io.pgfleet.gateway.route.ReadMonitor;
import io.pgfleet.gateway.route.ReadSettings.Mode;
import io.pgfleet.gateway.route.ReadSettings.OwnWrites;
import io.pgfleet.gateway.route.StandbyState;
import io.pgfleet.gateway.statement.ReadScan;
import io.pgfleet.gateway.statement.Statement;
import io.pgfleet.gateway.statement.StatementScan;
import io.pgfleet.wire.Protocol;
import io.pgfleet.wire.Protocol.TransactionStatus;
import io.pgfleet.wire.SqlState;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Decides for one client which of its requests go to a standby. A request is looked at whole, up to
 * its ReadyForQuery, before its first byte is sent; in doubt it goes to the primary. What goes to a
 * standby is kept as {@link ReadUnits} till it is answered.
 */
final class ClientReads {
  private static final long AGAIN = 5_000_000L;

  private final EventLoop loop;
  private final ClientLink client;
  private final ClientStatements statements;
  final ReadUnits units = new ReadUnits();
  private final ReadMonitor monitor;

  /** Where the session wants its requests; the database's name or SET pgfleet.route say so. */
  private ReadSide side = ReadSide.AUTOMATIC;

  private ReadSide named = ReadSide.AUTOMATIC;

  private int forced;

  // of the request that was looked at last
  private boolean looked;
  private boolean reads;
  private boolean begins;
  private boolean usesUnnamed;
  private boolean changesUnnamed;
  private long shape;
  private int hints;

  // of the text that was scanned last
  private int scannedAt = -1;
  private long scannedSerial;
  private int scannedFlags;

  // what of the client's own must be there
  private long stamp = -1;
  private long floorOf = -1;
  private long floor = -1;
  private String last = "";

  ClientReads(EventLoop loop, ClientLink client, ClientStatements statements) {
    this.loop = loop;
    this.client = client;
    this.statements = statements;
    this.monitor = loop.fleet.reads;
  }

  ReadSide side() {
    return side;
  }

  void side(ReadSide wanted) {
    side = wanted;
  }

  /** The name of the client's database stands for a side. */
  void named(ReadSide byName) {
    named = byName;
    side = byName;
  }

  void resetSide() {
    side = named;
  }

  private FunctionCatalog catalog() {
    Pool pool = client.pool;
    return pool == null ? FunctionCatalog.UNKNOWN : pool.reads.functions.current();
  }

  /** Other bytes may be where a text was that has been scanned. */
  void turn() {
    scannedAt = -1;
  }

  /** Scans a text, unless that has just been done. */
  int scan(ByteBuffer source, int text, int end) {
    if (text != scannedAt || loop.scan.serial() != scannedSerial) {
      int flags = loop.scan.scan(source, text, end, client.parameters.tracked());
      boolean verified = catalog().reads(flags, loop.scan.reads());
      scannedFlags = flags | (verified ? ReadScan.VERIFIED : 0);
      scannedSerial = loop.scan.serial();
      scannedAt = text;
    }
    return scannedFlags;
  }

  /** The flags of a prepared statement, with the verdict on its functions. */
  int flagsOf(Statement statement) {
    return statement.flags() | (catalog().reads(statement) ? ReadScan.VERIFIED : 0);
  }

  /** Whether the client's requests may go to a standby at all. */
  private boolean applies(Pool writes) {
    return monitor.standbys().length > 0
        && side != ReadSide.PRIMARY
        && client.session.pins() == 0
        && (side == ReadSide.STANDBY
            || monitor.settings().mode(writes.key().database()) == Mode.AUTOMATIC)
        && writes.settings().poolMode() != PoolMode.SESSION
        && !writes.reads.serializable();
  }

  /**
   * The pool for the request that begins here; null if it must wait for a standby, or was answered
   * with an error.
   */
  @Nullable Pool choose(ByteBuffer source, int at) throws ProtocolViolation {
    Pool writes = client.pool;
    looked = false;
    if (writes == null) {
      return null;
    }
    if (!applies(writes)) {
      return onlyStandbys(writes);
    }
    if (forced > 0) {
      forced--;
      return writes;
    }
    look(source, at);
    if (!reads || (hints & ReadScan.HINT_PRIMARY) != 0) {
      return writes;
    }
    monitor.used();
    Pool pool = nearest(writes);
    if (pool != null) {
      looked = true;
      return pool;
    }
    return behind(writes);
  }

  /** A client of NAME_read in session mode has one server, whatever it asks. */
  private Pool onlyStandbys(Pool writes) {
    if (side != ReadSide.STANDBY || writes.settings().poolMode() != PoolMode.SESSION) {
      return writes;
    }
    Pool pool = nearest(writes);
    return pool == null ? writes : pool;
  }

  private @Nullable Pool behind(Pool writes) {
    loop.counters.readsBehind++;
    return switch (monitor.settings().allBehind()) {
      case PRIMARY -> writes;
      case WAIT -> {
        client.beginsToWait();
        loop.later(AGAIN, client::proceed);
        yield null;
      }
      case ERROR -> {
        client.requests.refuse(Reports.standbysBehind());
        yield null;
      }
    };
  }

  /**
   * A standby that may serve this client: of the nearest region, then the least loaded, then the
   * last one, whose connections are warm.
   */
  private @Nullable Pool nearest(Pool writes) {
    long needed = needed(writes);
    if (needed == Long.MAX_VALUE) {
      monitor.askPrimary();
      return null;
    }
    Pool best = null;
    boolean bestNear = false;
    int bestLoad = 0;
    for (StandbyState state : monitor.standbys()) {
      if (!state.serves()) {
        continue;
      }
      if (state.replayed() < needed) {
        state.ask();
        continue;
      }
      Pool pool = writes.reads(state.standby());
      if (!pool.opens()) {
        continue;
      }
      int load = pool.load() * 2 - (state.standby().node().equals(last) ? 1 : 0);
      boolean near = state.near();
      if (best == null || (near && !bestNear) || (near == bestNear && load < bestLoad)) {
        best = pool;
        bestNear = near;
        bestLoad = load;
      }
    }
    if (best != null) {
      last = best.standby;
    }
    return best;
  }

  /** What a standby must have replayed; the greatest number while that is not known. */
  private long needed(Pool writes) {
    OwnWrites whose = monitor.settings().ownWrites();
    long written =
        switch (whose) {
          case OFF -> -1;
          case SESSION -> stamp;
          case USER -> Math.max(stamp, writes.reads.lastWrite());
        };
    if (written < 0) {
      return -1;
    }
    if (written != floorOf) {
      long found = monitor.progress().floor(written);
      if (found < 0) {
        return Long.MAX_VALUE;
      }
      floorOf = written;
      floor = found;
    }
    return floor;
  }

  /** What a standby must have replayed to serve this client; empty if nothing, or not known. */
  long floor() {
    Pool writes = client.pool;
    return writes == null ? -1 : needed(writes);
  }

  /** A transaction that may have written has ended. */
  void wrote() {
    stamp = monitor.progress().stamp();
    Pool writes = client.pool;
    if (writes != null) {
      writes.reads.wrote(stamp);
    }
  }

  /**
   * Whether a request may be sent behind those under way on a standby; one that may not waits till
   * they are answered.
   */
  boolean follows(ServerLink server, ByteBuffer source, int at) throws ProtocolViolation {
    if (server.exchange.unsynced()) {
      return true;
    }
    if (server.status() != TransactionStatus.IDLE) {
      // behind a COMMIT comes another transaction
      return !client.session.mayHaveEnded();
    }
    if (looked && units.isEmpty() && server.exchange.isEmpty()) {
      return true;
    }
    Pool writes = client.pool;
    if (writes == null || !applies(writes)) {
      return writes != null && writes.settings().poolMode() == PoolMode.SESSION;
    }
    if (units.isEmpty() || units.beginsTransaction() || forced > 0) {
      return false;
    }
    look(source, at);
    looked = reads && !begins && (hints & ReadScan.HINT_PRIMARY) == 0;
    return looked && !(changesUnnamed && units.reliesOnUnnamed());
  }

  /** A message was sent to a standby. */
  void sent(byte type, ByteBuffer source, int start, int end, ServerLink server) {
    if (server.status() != TransactionStatus.IDLE || !looked) {
      return;
    }
    units.begins(begins);
    units.reliesOnUnnamed(usesUnnamed);
    units.keep(source, start, end);
    if (type == Protocol.Frontend.QUERY || type == Protocol.Frontend.SYNC) {
      units.closed(shape);
      looked = false;
    }
  }

  /** All that is under way goes to the primary. */
  byte[] takeBack(boolean remember) {
    if (remember) {
      loop.refused.add(units.shape(), loop.now());
    }
    byte[] bytes = units.bytes();
    units.clear();
    forced = 1;
    looked = false;
    loop.counters.readsRetried++;
    return bytes;
  }

  /** The request under way is to go to the primary from now on. */
  boolean refuses() {
    loop.refused.add(units.shape(), loop.now());
    return true;
  }

  /** The node of the standby that a Query would go to now; empty if it is the primary. */
  String wouldChoose(ByteBuffer query) throws ProtocolViolation {
    Pool writes = client.pool;
    if (writes == null || !applies(writes)) {
      return "";
    }
    look(query, 0);
    looked = false;
    Pool pool = reads && (hints & ReadScan.HINT_PRIMARY) == 0 ? nearest(writes) : null;
    return pool == null ? "" : pool.standby;
  }

  /** Nothing has been shown of what is under way on a standby, if anything is. */
  boolean mayTakeBack() {
    return !units.isEmpty() && !units.shown();
  }

  /** The request that could not be sent to a standby goes to the primary. */
  void toPrimary() {
    forced = 1;
    looked = false;
  }

  /** The same text would fail on a standby again. */
  static boolean lasting(String sqlState) {
    return sqlState.equals(SqlState.READ_ONLY_TRANSACTION) || sqlState.equals("55000");
  }

  /** Finds out whether the request that begins here is all there and only reads. */
  private void look(ByteBuffer source, int at) throws ProtocolViolation {
    reads = false;
    begins = false;
    usesUnnamed = false;
    changesUnnamed = false;
    shape = 0;
    hints = 0;
    boolean fits = true;
    boolean first = true;
    boolean parsedUnnamed = false;
    int position = at;
    int limit = source.limit();
    while (fits && limit - position >= Protocol.HEADER_SIZE) {
      byte type = source.get(position);
      int length = source.getInt(position + 1);
      if (length < 4 || limit - position <= length) {
        return;
      }
      int body = position + Protocol.HEADER_SIZE;
      int end = position + 1 + length;
      switch (type) {
        case Protocol.Frontend.QUERY -> {
          changesUnnamed = true;
          reads = first && statement(scan(source, body, end), loop.scan.reads().shape(), true);
          return;
        }
        case Protocol.Frontend.PARSE -> {
          int text = ZeroEnded.end(source, body, end) + 1;
          int flags = scan(source, text, ZeroEnded.end(source, text, end));
          fits = statement(flags, loop.scan.reads().shape(), first);
          parsedUnnamed |= text == body + 1;
          changesUnnamed |= text == body + 1;
          first = false;
        }
        case Protocol.Frontend.BIND -> {
          int name = ZeroEnded.end(source, body, end) + 1;
          fits = named(source, name, end, parsedUnnamed, first);
          first = false;
        }
        case Protocol.Frontend.DESCRIBE -> {
          if (body + 1 < end && source.get(body) == 'S') {
            fits = named(source, body + 1, end, parsedUnnamed, first);
            first = false;
          }
        }
        case Protocol.Frontend.CLOSE, Protocol.Frontend.EXECUTE -> {
          // of something that was looked at
        }
        case Protocol.Frontend.SYNC -> {
          reads = !first;
          return;
        }
        default -> fits = false;
      }
      position = end;
    }
  }

  private boolean named(ByteBuffer source, int name, int end, boolean parsedUnnamed, boolean first)
      throws ProtocolViolation {
    int nameEnd = ZeroEnded.end(source, name, end);
    if (name == nameEnd) {
      if (parsedUnnamed) {
        return true;
      }
      usesUnnamed = true;
      return statements.hasUnnamed()
          && statement(statements.unnamedFlags(), statements.unnamedShape(), first);
    }
    Statement known = statements.find(loop.probe.set(source, name, nameEnd));
    // one that is not known is parsed before, in the same request, or does not exist
    return known == null || statement(flagsOf(known), known.shape(), first);
  }

  /** Whether a statement of the request may go to a standby, as its first or a later one. */
  private boolean statement(int flags, long itsShape, boolean first) {
    shape = (shape * 31) ^ itsShape;
    if (first) {
      hints = flags & (ReadScan.HINT_PRIMARY | ReadScan.HINT_STANDBY);
    }
    if ((flags & StatementScan.PINS) != 0 || loop.refused.contains(shape)) {
      return false;
    }
    boolean wanted = side == ReadSide.STANDBY || (hints & ReadScan.HINT_STANDBY) != 0;
    if ((flags & (wanted ? ReadScan.READS : ReadScan.VERIFIED)) != 0) {
      return true;
    }
    boolean one = (flags & StatementScan.SEVERAL) == 0;
    boolean readOnly =
        (flags & ReadScan.BEGINS_READ_ONLY) != 0
            || ((flags & ReadScan.BEGINS_USUAL) != 0
                && (wanted || client.parameters.get("default_transaction_read_only").equals("on")));
    if (first && one && readOnly && !catalog().serializable()) {
      begins = true;
      return true;
    }
    return false;
  }
}
