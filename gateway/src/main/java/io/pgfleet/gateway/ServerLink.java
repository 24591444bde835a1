package io.pgfleet.gateway;

import io.pgfleet.gateway.message.Messages;
import io.pgfleet.gateway.message.ProtocolViolation;
import io.pgfleet.gateway.observe.Figures;
import io.pgfleet.gateway.topology.Target;
import io.pgfleet.wire.Protocol;
import io.pgfleet.wire.ServerReport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * A connection to a server.
 *
 * <pre>
 * CONNECTING -> LOGGING_IN -> IDLE <-> PREPARING (statements of the gateway's own) -> USED -> IDLE
 * any -> CLOSED
 * </pre>
 */
final class ServerLink implements Endpoint {
  enum State {
    CONNECTING,
    LOGGING_IN,
    IDLE,
    /** A statement of the gateway's own runs, for {@link #client} if that is set. */
    PREPARING,
    USED,
    CLOSED
  }

  private final EventLoop loop;
  final ServerOwner pool;
  final Figures figures;
  final Target target;
  final ServerSession session;
  final ServerOpening opening;
  final Exchange exchange = new Exchange();
  final ServerAnswers answers;
  final ServerTimes times;
  final PreparedStatements prepared;
  final ServerCancels cancels;
  private final Inbox inbox = new Inbox();
  @Nullable Plug plug;
  State state = State.CONNECTING;
  private @Nullable ClientLink client;
  private final OwnStatement own;
  boolean probing;
  long idleSince;

  /** The number of ReadyForQuery seen: it tells one request from the next. */
  long requestsDone;

  /** It goes once its client has no more use for it. */
  boolean closeNeeded;

  private boolean wantsRelease;
  private byte status = Protocol.TransactionStatus.IDLE;

  ServerLink(EventLoop loop, ServerOwner pool, Target target) {
    this(loop, pool, new ServerSession(target, new ServerLogin(pool), loop));
  }

  private ServerLink(EventLoop loop, ServerOwner pool, ServerSession session) {
    this.loop = loop;
    this.pool = pool;
    this.figures = pool.figures();
    this.session = session;
    this.target = session.target;
    this.opening = new ServerOpening(loop, this, session);
    this.prepared = session.prepared;
    this.own = new OwnStatement(loop, this);
    this.cancels = new ServerCancels(loop, this);
    this.times = new ServerTimes(loop, this);
    this.answers = new ServerAnswers(loop, this, exchange, prepared);
  }

  /** Leaves its loop, idle as it is; {@link #movedTo} follows on the other. */
  void leave() {
    if (state != State.IDLE) {
      throw new IllegalStateException("only an idle server may move");
    }
    state = State.CLOSED;
    Objects.requireNonNull(plug).detach();
  }

  /** The same connection on another loop; null if that loop can't take it. */
  @Nullable ServerLink movedTo(EventLoop other, ServerOwner owner) {
    Plug moved = Objects.requireNonNull(plug);
    ServerLink there = new ServerLink(other, owner, session);
    there.plug = moved;
    there.state = State.IDLE;
    there.idleSince = other.now();
    try {
      moved.attach(other, there);
      return there;
    } catch (IOException e) {
      moved.close();
      return null;
    }
  }

  @Nullable ClientLink client() {
    return client;
  }

  byte status() {
    return status;
  }

  /** A ReadyForQuery has come. */
  void status(byte ready) {
    status = ready;
    requestsDone++;
  }

  boolean usable() {
    return state != State.CLOSED && !session.isRetired();
  }

  @Override
  public void ready(int operations) {
    Plug plugged = plug;
    if (state == State.CLOSED || plugged == null) {
      return;
    }
    try {
      if ((operations & SelectionKey.OP_CONNECT) != 0 && state == State.CONNECTING) {
        state = opening.connected(plugged) ? State.LOGGING_IN : State.CONNECTING;
      }
      if ((operations & SelectionKey.OP_WRITE) != 0 && plugged.outbox().flush()) {
        want(SelectionKey.OP_WRITE, false);
        ClientLink waiting = client;
        if (waiting != null) {
          waiting.serverDrained();
        }
      }
      if ((operations & SelectionKey.OP_READ) != 0) {
        ByteBuffer bytes = inbox.read(plugged, loop.readBuffer);
        if (bytes == null) {
          lost("the server closed the connection");
          return;
        }
        received(bytes);
      }
    } catch (SSLException e) {
      if (state == State.CONNECTING) {
        openFailed(Reports.serverTls(target, e));
      } else {
        lost(String.valueOf(e.getMessage()));
      }
    } catch (IOException e) {
      lost(String.valueOf(e.getMessage()));
    } catch (ProtocolViolation e) {
      loop.counters.protocolViolations++;
      lost(String.valueOf(e.getMessage()));
    }
  }

  private void received(ByteBuffer bytes) throws IOException, ProtocolViolation {
    if (state == State.CONNECTING && plug != null) {
      state = opening.approached(plug, bytes) ? State.LOGGING_IN : State.CONNECTING;
      return;
    }
    if (state == State.USED) {
      answers.process(bytes);
      inbox.keep(bytes);
      if (wantsRelease) {
        wantsRelease = false;
        release();
      }
      return;
    }
    while (state != State.USED && state != State.CLOSED) {
      OwnMessage message = OwnMessage.next(bytes);
      if (message == null) {
        break;
      }
      own(message.type(), message.body());
    }
    if (state != State.CLOSED) {
      inbox.keep(bytes);
    }
  }

  /** A message for the gateway itself. */
  private void own(byte type, ByteBuffer body) throws ProtocolViolation {
    if (state == State.LOGGING_IN) {
      opening.message(type, body);
      return;
    }
    if (own.take(type, body)) {
      own.ended();
    }
  }

  boolean isOpening() {
    return state == State.CONNECTING || state == State.LOGGING_IN;
  }

  /** It could not be opened; the report, if there is one, is the server's last word. */
  void openFailed(@Nullable ServerReport report) {
    shut();
    pool.openFailed(this, report);
  }

  /** It has logged in. */
  void opened() {
    state = State.IDLE;
    idleSince = loop.now();
    pool.opened(this);
  }

  /** Hands this idle server to a client, with the client's parameters set on it. */
  void give(ClientLink taker) {
    client = taker;
    Map<String, String> missing = taker.parametersMissingOn(this);
    if (missing.isEmpty()) {
      use();
    } else {
      prepare(SessionParameters.setting(missing), this::use);
    }
  }

  private void use() {
    ClientLink taker = client;
    ServerReport error = own.takeError();
    if (taker == null || !taker.open()) {
      client = null;
      backToPool();
      return;
    }
    if (loop.fleet.held(pool.key().database(), session.onStandby()) || !pool.isCurrent(this)) {
      client = null;
      tidy(false);
      taker.serverNotGiven();
      return;
    }
    if (error != null) {
      client = null;
      tidy(true);
      taker.parametersRefused(error);
      return;
    }
    state = State.USED;
    taker.given(this);
  }

  /**
   * Runs a statement of the owner's; it is told the error, if there is one, and then of release.
   */
  void ask(String sql, Consumer<@Nullable ServerReport> done) {
    prepare(
        sql,
        () -> {
          done.accept(own.takeError());
          if (state != State.CLOSED) {
            backToPool();
          }
        });
  }

  /** Asks the server whether it still holds what its client is tied to it for. */
  private void probe(ClientLink user) {
    probing = true;
    prepare(SessionProbe.SQL, () -> probed(user));
  }

  private void probed(ClientLink user) {
    boolean nothing = own.takeError() == null && own.saysNo();
    probing = false;
    if (client == null) {
      tidy(true);
      return;
    }
    state = State.USED;
    user.session.probed(nothing);
    release();
    user.resumed();
  }

  /** Runs a statement of the gateway's own. */
  private void prepare(String sql, Runnable done) {
    state = State.PREPARING;
    want(SelectionKey.OP_READ, true); // a client that took no more may have stopped it
    own.begin(done);
    prepared.unnamedLost();
    send(Messages.query(sql));
  }

  /** The client's transaction has ended; the server goes back once the bytes at hand are done. */
  void releaseSoon() {
    wantsRelease = true;
  }

  /** Takes the server from its client, if nothing of the client's is under way on it. */
  void release() {
    ClientLink user = client;
    if (state != State.USED || cancels.underWay()) {
      return;
    }
    if (user != null && !user.session.mayRelease(this)) {
      if (user.session.wantsProbe(this)) {
        probe(user);
      }
      return;
    }
    client = null;
    if (user != null) {
      user.releasedServer();
    }
    tidy(user != null && user.session.leavesState());
  }

  /** Makes a server that nobody uses fit for the next client. */
  private void tidy(boolean discard) {
    boolean clean = status == Protocol.TransactionStatus.IDLE && exchange.isEmpty();
    if (!clean || closeNeeded || !pool.isCurrent(this)) {
      close();
    } else if (discard) {
      prepared.clear();
      prepare("DISCARD ALL", this::backToPool);
    } else if (prepared.overfull()) {
      prepare(prepared.evictionSql(), this::backToPool);
    } else {
      backToPool();
    }
  }

  private void backToPool() {
    if (own.takeError() != null || cancels.underWay()) {
      close();
      return;
    }
    state = State.IDLE;
    idleSince = loop.now();
    want(SelectionKey.OP_READ, true);
    pool.released(this);
  }

  /**
   * The client is gone: what it has under way is cancelled and the server closed, or tidied. A
   * server that may skip to a Sync, or that has half a message, understands nothing that follows.
   */
  void abandoned(boolean discard, boolean midMessage) {
    client = null;
    if (state == State.PREPARING) {
      return;
    }
    boolean clean = exchange.isEmpty() && !exchange.unsynced() && !midMessage;
    boolean quiet = !cancels.underWay() && !answers.passing() && inbox.size() == 0;
    if (clean && quiet && outbox().isEmpty()) {
      if (status == Protocol.TransactionStatus.IDLE) {
        tidy(discard);
      } else {
        prepare("ROLLBACK", () -> tidy(discard));
      }
      return;
    }
    if (!exchange.isEmpty()) {
      cancel();
    }
    close();
  }

  /** Nobody waits any more for what it was asked; true if what it has is not known. */
  void freed(boolean spoilt) {
    client = null;
    loop.defer(() -> {
      if (state == State.USED && client == null) {
        session.retireUnless(!spoilt);
        tidy(false);
      }
    });
  }

  /** The standby does not answer: a request that can be run elsewhere is. */
  void suspected() {
    ClientLink user = client;
    if (state == State.USED ? user != null && user.reads.mayTakeBack() : state != State.IDLE) {
      lost("the standby does not answer");
    }
  }

  /** Asks the server to stop what it runs; nobody else gets it before that is certain. */
  void cancel() {
    if (state == State.USED) {
      cancels.begin();
    }
  }

  void releaseIfDone(boolean fit) {
    session.retireUnless(fit);
    loop.defer(this::release);
  }

  Outbox outbox() {
    return Objects.requireNonNull(plug).outbox();
  }

  void send(byte[] message) {
    Plug plugged = plug;
    if (plugged != null && !plugged.send(message)) {
      loop.defer(() -> lost("the server does not take what is sent to it"));
    }
  }

  void want(int operation, boolean on) {
    Plug plugged = plug;
    if (plugged != null) {
      plugged.want(operation, on);
    }
  }

  void lost(String why) {
    if (state == State.CLOSED) {
      return;
    }
    State before = state;
    ClientLink user = client;
    client = null;
    boolean cut = answers.passing();
    shut();
    switch (before) {
      case CONNECTING, LOGGING_IN -> pool.openFailed(this, null);
      case IDLE, CLOSED -> pool.closed(this);
      case PREPARING -> {
        pool.closed(this);
        if (user != null && probing) {
          user.serverLost(this, false, why);
        } else if (user != null) {
          // nothing of the client's has been sent: another server will do
          user.serverNotGiven();
        }
      }
      case USED -> {
        pool.closed(this);
        if (user != null) {
          loop.counters.serversLost++;
          user.serverLost(this, cut, session.why(why));
        }
      }
    }
  }

  void close() {
    if (state == State.CLOSED) {
      return;
    }
    ClientLink user = client;
    if (user != null && (state == State.USED || probing)) {
      lost("the gateway closed the connection");
      return;
    }
    boolean opening = isOpening();
    if (!opening && outbox().isEmpty()) {
      send(Messages.TERMINATE);
    }
    client = null;
    shut();
    if (opening) {
      pool.openFailed(this, null);
    } else {
      pool.closed(this);
      if (user != null) {
        user.serverNotGiven();
      }
    }
  }

  private void shut() {
    state = State.CLOSED;
    Plug plugged = plug;
    if (plugged != null) {
      plugged.close();
    }
    inbox.clear();
  }

  /** Lets go of a server that is not what it was opened for. */
  void topologyChanged() {
    if (state == State.IDLE && !pool.isCurrent(this)) {
      close();
    } else if (session.isOutlived(loop.fleet.topology())) {
      cancels.end();
      lost("another primary has taken over");
    }
  }
}
