package io.pgfleet.gateway;

import io.pgfleet.gateway.message.Messages;
import io.pgfleet.gateway.message.ProtocolViolation;
import io.pgfleet.gateway.message.StartupPacket;
import io.pgfleet.gateway.observe.Figures;
import io.pgfleet.gateway.observe.Route;
import io.pgfleet.gateway.topology.Standby;
import io.pgfleet.gateway.topology.Target;
import io.pgfleet.wire.Protocol;
import io.pgfleet.wire.ServerReport;
import io.pgfleet.wire.SqlState;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
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
  private enum State {
    CONNECTING,
    LOGGING_IN,
    IDLE,
    /** A statement of the gateway's own runs, for {@link #client} if that is set. */
    PREPARING,
    USED,
    CLOSED
  }

  /** Larger messages pass in pieces; smaller ones only whole, so that a break never cuts one. */
  static final int STREAMED = 16 << 10;

  private final EventLoop loop;
  final ServerOwner pool;
  final Figures figures;
  final Target target;
  private final ServerLogin login;
  final Exchange exchange = new Exchange();
  private final ServerAnswers answers;
  final ServerTimes times;
  final PreparedStatements prepared;
  private final ServerCancels cancels;
  private final Inbox inbox = new Inbox();
  final long openedAt;
  private @Nullable Plug plug;
  private InetSocketAddress address;
  private State state = State.CONNECTING;
  private SessionParameters parameters = SessionParameters.NONE;
  private @Nullable ClientLink client;
  private @Nullable Runnable prepareDone;
  private @Nullable ServerReport prepareError;
  private @Nullable String prepareValue;
  private boolean probing;

  /** When it is to be closed, once idle. */
  long expiresAt = Long.MAX_VALUE;

  private @Nullable ServerReport lastWords;
  long idleSince;
  private long requestsDone;
  private boolean retired;
  private boolean wantsRelease;
  private byte status = Protocol.TransactionStatus.IDLE;

  ServerLink(EventLoop loop, ServerOwner pool, Target target) {
    this.loop = loop;
    this.pool = pool;
    this.figures = pool.figures();
    this.target = target;
    this.address = InetSocketAddress.createUnresolved(target.host(), target.port());
    this.login = new ServerLogin(pool);
    this.openedAt = loop.now();
    this.cancels = new ServerCancels(loop, this);
    this.prepared = new PreparedStatements(loop.fleet.settings.maxPreparedStatements());
    this.times = new ServerTimes(loop, this, figures, route(target));
    this.answers = new ServerAnswers(loop, this, exchange, prepared);
  }

  /** The connection of another loop, which has left it, comes to this one. */
  private ServerLink(EventLoop loop, ServerOwner pool, ServerLink former, Plug plug) {
    this.loop = loop;
    this.pool = pool;
    this.figures = pool.figures();
    this.target = former.target;
    this.address = former.address;
    this.login = former.login;
    this.openedAt = former.openedAt;
    this.expiresAt = former.expiresAt;
    this.parameters = loop.canonical(former.parameters);
    this.plug = plug;
    this.state = State.IDLE;
    this.idleSince = loop.now();
    this.cancels = new ServerCancels(loop, this);
    this.prepared = former.prepared;
    this.times = new ServerTimes(loop, this, figures, route(target));
    this.answers = new ServerAnswers(loop, this, exchange, prepared);
    prepared.unnamedLost();
  }

  private static Route route(Target target) {
    return target instanceof Standby ? Route.STANDBY : Route.PRIMARY;
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
    ServerLink there = new ServerLink(other, owner, this, moved);
    try {
      moved.attach(other, there);
      return there;
    } catch (IOException e) {
      moved.close();
      return null;
    }
  }

  SessionParameters parameters() {
    return parameters;
  }

  void parameters(SessionParameters changed) {
    parameters = loop.canonical(changed);
  }

  /** A parameter is reported; false if it is not for the client. */
  boolean reported(String name, String value) {
    if (name.equals(SessionParameters.IN_HOT_STANDBY)) {
      // promoted, or the like: what it was opened for is over
      retired = true;
      return false;
    }
    parameters(parameters.with(name, value));
    return true;
  }

  /** Gives the client what is the gateway's own to answer, where nothing else is owed before. */
  void localAnswers(Gather out) {
    answers.local(out);
  }

  @Nullable ClientLink client() {
    return client;
  }

  /** The status of the last ReadyForQuery. */
  byte status() {
    return status;
  }

  /** A ReadyForQuery has come. */
  void status(byte ready) {
    status = ready;
    requestsDone++;
  }

  boolean usable() {
    return state != State.CLOSED && !retired;
  }

  /** Begins to connect; failures are told to the pool later. Names are not resolved on the loop. */
  void connect() {
    Thread.ofVirtual()
        .start(() -> {
          var resolved = new InetSocketAddress(target.host(), target.port());
          loop.post(() -> connect(resolved));
        });
  }

  private void connect(InetSocketAddress resolved) {
    if (state == State.CLOSED) {
      return;
    }
    address = resolved;
    try {
      plug = Plug.connect(loop, resolved, this);
    } catch (IOException e) {
      lost(String.valueOf(e.getMessage()));
    }
  }

  byte[] cancelRequest() {
    return Messages.cancel(login.process(), login.secret());
  }

  InetSocketAddress address() {
    return address;
  }

  @Override
  public void ready(int operations) {
    Plug plugged = plug;
    if (state == State.CLOSED || plugged == null) {
      return;
    }
    try {
      if ((operations & SelectionKey.OP_CONNECT) != 0 && state == State.CONNECTING) {
        plugged.connected();
        state = State.LOGGING_IN;
        send(login.startup());
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
    } catch (IOException e) {
      lost(String.valueOf(e.getMessage()));
    } catch (ProtocolViolation e) {
      loop.counters.protocolViolations++;
      lost(String.valueOf(e.getMessage()));
    }
  }

  private void received(ByteBuffer bytes) throws ProtocolViolation {
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
      loginMessage(type, body);
      return;
    }
    switch (type) {
      case Protocol.Backend.PARAMETER_STATUS ->
          reported(StartupPacket.text(body), StartupPacket.text(body));
      case Protocol.Backend.NOTIFICATION_RESPONSE -> {
        byte[] bytes = new byte[body.remaining()];
        body.get(bytes);
        pool.notified(this, Messages.of(type, bytes));
      }
      case Protocol.Backend.DATA_ROW -> {
        if (body.getShort() > 0 && body.getInt() == 1) {
          prepareValue = String.valueOf((char) body.get());
        }
      }
      case Protocol.Backend.ERROR_RESPONSE -> {
        ServerReport report = ServerReport.decode(body);
        prepareError = report;
        lastWords(report);
      }
      case Protocol.Backend.READY_FOR_QUERY -> {
        status = body.get();
        preparedOwn();
      }
      default -> {
        // rows and tags of the gateway's own statements, and notices
      }
    }
  }

  private void loginMessage(byte type, ByteBuffer body) {
    switch (login.take(type, body)) {
      case ServerLogin.Step.Send(byte[] message) -> send(message);
      case ServerLogin.Step.Wait() -> {
        // more will come
      }
      case ServerLogin.Step.Refused(ServerReport report) -> {
        shut();
        pool.openFailed(this, report);
      }
      case ServerLogin.Step.Done() -> {
        parameters = login.parameters();
        boolean recovers = parameters.get(SessionParameters.IN_HOT_STANDBY).equals("on");
        if (recovers != target instanceof Standby) {
          // whatever the fleet believes, this server is not what it is wanted for
          shut();
          pool.openFailed(this, null);
          return;
        }
        parameters(parameters.with(SessionParameters.IN_HOT_STANDBY, "off"));
        state = State.IDLE;
        idleSince = loop.now();
        pool.opened(this);
      }
    }
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
    ServerReport error = prepareError;
    prepareError = null;
    if (taker == null || !taker.open()) {
      client = null;
      backToPool();
      return;
    }
    if (loop.fleet.paused() || !pool.isCurrent(this)) {
      client = null;
      tidy(false);
      taker.serverNotGiven();
      return;
    }
    state = State.USED;
    if (error != null) {
      taker.parametersRefused(error);
    } else {
      taker.given(this);
    }
  }

  /**
   * Runs a statement of the owner's; it is told the error, if there is one, and then of release.
   */
  void ask(String sql, Consumer<@Nullable ServerReport> done) {
    prepare(
        sql,
        () -> {
          ServerReport error = prepareError;
          prepareError = null;
          done.accept(error);
          if (state != State.CLOSED) {
            backToPool();
          }
        });
  }

  /** Asks the server whether it still holds what its client is tied to it for. */
  private void probe(ClientLink user) {
    probing = true;
    prepareValue = null;
    prepare(SessionProbe.SQL, () -> probed(user));
  }

  private void probed(ClientLink user) {
    boolean nothing = prepareError == null && "f".equals(prepareValue);
    prepareError = null;
    probing = false;
    if (client == null) {
      tidy(true);
      return;
    }
    state = State.USED;
    user.probed(nothing);
    release();
    user.resumed();
  }

  /** A statement of the gateway's own runs while the client has the server. */
  boolean probing() {
    return probing;
  }

  /** Is not lent again. */
  void retire() {
    retired = true;
  }

  /** Runs a statement of the gateway's own. */
  private void prepare(String sql, Runnable done) {
    state = State.PREPARING;
    prepareError = null;
    prepareDone = done;
    prepared.unnamedLost();
    send(Messages.query(sql));
  }

  private void preparedOwn() {
    Runnable done = prepareDone;
    prepareDone = null;
    if (done != null) {
      done.run();
    }
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
    if (user != null && !user.mayRelease(this)) {
      if (user.wantsProbe(this)) {
        probe(user);
      }
      return;
    }
    client = null;
    if (user != null) {
      user.releasedServer();
    }
    tidy(user != null && user.leavesSessionState());
  }

  /** Makes a server that nobody uses fit for the next client. */
  private void tidy(boolean discard) {
    want(SelectionKey.OP_READ, true);
    if (status != Protocol.TransactionStatus.IDLE || !exchange.isEmpty() || !pool.isCurrent(this)) {
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
    if (prepareError != null || cancels.underWay()) {
      close();
      return;
    }
    state = State.IDLE;
    idleSince = loop.now();
    pool.released(this);
  }

  /** The client is gone: what it has under way is cancelled and the server closed, or tidied. */
  void abandoned(boolean discard) {
    client = null;
    if (state == State.PREPARING) {
      return;
    }
    boolean quiet = exchange.isEmpty() && !exchange.unsynced() && !cancels.underWay();
    if (quiet && !answers.passing() && outbox().isEmpty() && inbox.size() == 0) {
      if (status == Protocol.TransactionStatus.IDLE) {
        tidy(discard);
      } else {
        prepare("ROLLBACK", () -> rolledBack(discard));
      }
      return;
    }
    if (!exchange.isEmpty()) {
      cancel();
    }
    close();
  }

  private void rolledBack(boolean discard) {
    if (prepareError == null && status == Protocol.TransactionStatus.IDLE) {
      tidy(discard);
    } else {
      close();
    }
  }

  /** Asks the server to stop what it runs; nobody else gets it before that is certain. */
  void cancel() {
    if (state == State.USED) {
      cancels.begin();
    }
  }

  /** Something happened that may be all a release was waiting for. */
  void releaseIfDone(boolean fit) {
    retired |= !fit;
    loop.defer(this::release);
  }

  /** The number of ReadyForQuery seen: it tells one request from the next. */
  long requestsDone() {
    return requestsDone;
  }

  boolean busy() {
    return state == State.USED && !exchange.isEmpty();
  }

  Outbox outbox() {
    return Objects.requireNonNull(plug).outbox();
  }

  private void send(byte[] message) {
    Plug plugged = plug;
    if (plugged != null && !plugged.send(message)) {
      loop.defer(() -> lost("the server does not take what is sent to it"));
    }
  }

  /** Asks, or asks no more, to be told when the socket can do something. */
  void want(int operation, boolean on) {
    Plug plugged = plug;
    if (plugged != null) {
      plugged.want(operation, on);
    }
  }

  /** An error that ends the connection: said before the end of input, so remembered. */
  void lastWords(ServerReport report) {
    if (report.severity().equals("FATAL") || report.severity().equals("PANIC")) {
      lastWords = report;
      retired = true;
    } else if (report.sqlState().equals(SqlState.READ_ONLY_TRANSACTION)) {
      // most likely demoted; if it only was a READ ONLY transaction, a new connection costs little
      retired = true;
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
      case IDLE -> pool.closed(this);
      case PREPARING -> {
        pool.closed(this);
        if (user != null && probing) {
          user.serverLost(exchange, status, false, why);
        } else if (user != null) {
          // nothing of the client's has been sent: another server will do
          user.serverNotGiven();
        }
      }
      case USED -> {
        pool.closed(this);
        if (user != null) {
          loop.counters.serversLost++;
          user.serverLost(exchange, status, cut, lastWords == null ? why : lastWords.message());
        }
      }
      case CLOSED -> {
        // was told before
      }
    }
  }

  /** Closes the connection in good order. */
  void close() {
    if (state == State.CLOSED) {
      return;
    }
    boolean opening = state == State.CONNECTING || state == State.LOGGING_IN;
    ClientLink user = client;
    if (user != null && (state == State.USED || probing)) {
      lost("the gateway closed the connection");
      return;
    }
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

  /** Gives up on a server that does not answer, or is no longer the primary. */
  void tick() {
    boolean opening = state == State.CONNECTING || state == State.LOGGING_IN;
    if (opening && loop.now() - openedAt > loop.fleet.settings.connectTimeout().toNanos()) {
      lost("the server did not answer in time");
    }
  }
}
