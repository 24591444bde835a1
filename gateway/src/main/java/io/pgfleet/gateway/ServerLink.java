package io.pgfleet.gateway;

import io.pgfleet.gateway.message.Messages;
import io.pgfleet.gateway.message.ProtocolViolation;
import io.pgfleet.gateway.message.StartupPacket;
import io.pgfleet.gateway.observe.Route;
import io.pgfleet.gateway.topology.Standby;
import io.pgfleet.gateway.topology.Target;
import io.pgfleet.wire.Protocol;
import io.pgfleet.wire.ServerReport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.util.Map;
import java.util.Objects;
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
  final Pool pool;
  final Target target;
  private final ServerOpening opening;
  final Exchange exchange = new Exchange();
  private final ServerAnswers answers;
  final ServerTimes times;
  final PreparedStatements prepared;
  private final ServerCancels cancels;
  private final Inbox inbox = new Inbox();
  final long openedAt;
  private @Nullable Plug plug;
  private State state = State.CONNECTING;
  private SessionParameters parameters = SessionParameters.NONE;
  private @Nullable ClientLink client;
  private @Nullable Runnable prepareDone;
  private @Nullable ServerReport prepareError;
  private @Nullable ServerReport lastWords;
  long idleSince;
  private long requestsDone;
  private boolean retired;
  private boolean wantsRelease;
  private byte status = Protocol.TransactionStatus.IDLE;

  ServerLink(EventLoop loop, Pool pool, Target target) {
    this.loop = loop;
    this.pool = pool;
    this.target = target;
    this.opening = new ServerOpening(loop, this, target, pool);
    this.openedAt = loop.now();
    this.cancels = new ServerCancels(loop, this);
    this.prepared = new PreparedStatements(loop.fleet.settings.maxPreparedStatements());
    this.times =
        new ServerTimes(
            loop, this, pool.figures, target instanceof Standby ? Route.STANDBY : Route.PRIMARY);
    this.answers = new ServerAnswers(loop, this, exchange, prepared);
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

  /** Begins to connect; failures are told to the pool later. */
  void connect() {
    opening.connect();
  }

  void plugged(Plug made) {
    plug = made;
  }

  byte[] cancelRequest() {
    return Messages.cancel(opening.login().process(), opening.login().secret());
  }

  InetSocketAddress address() {
    return opening.address();
  }

  @Override
  public void ready(int operations) {
    Plug plugged = plug;
    if (state == State.CLOSED || plugged == null) {
      return;
    }
    try {
      if ((operations & SelectionKey.OP_CONNECT) != 0 && state == State.CONNECTING) {
        loggingIn(opening.connected(plugged));
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
      tlsFailed(e);
    } catch (IOException e) {
      lost(String.valueOf(e.getMessage()));
    } catch (ProtocolViolation e) {
      loop.counters.protocolViolations++;
      lost(String.valueOf(e.getMessage()));
    }
  }

  private void loggingIn(boolean begun) {
    if (begun) {
      state = State.LOGGING_IN;
    }
  }

  private void tlsFailed(SSLException failure) {
    if (state == State.CONNECTING) {
      openFailed(Reports.serverTls(target, failure));
    } else {
      lost(String.valueOf(failure.getMessage()));
    }
  }

  private void received(ByteBuffer bytes) throws IOException, ProtocolViolation {
    if (state == State.CONNECTING && plug != null) {
      loggingIn(opening.approached(plug, bytes));
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
    switch (type) {
      case Protocol.Backend.PARAMETER_STATUS ->
          reported(StartupPacket.text(body), StartupPacket.text(body));
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

  /** It could not be opened; the report, if there is one, is the server's last word. */
  void openFailed(@Nullable ServerReport report) {
    shut();
    pool.openFailed(this, report);
  }

  /** It has logged in. */
  void opened(SessionParameters reported) {
    parameters(reported);
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
    if (state != State.USED || cancels.underWay() || (user != null && !user.mayRelease(this))) {
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

  /**
   * The client is gone: what it has under way is cancelled and the server closed, or tidied. A
   * server that may skip to a Sync, or that has half a message, understands nothing that follows.
   */
  void abandoned(boolean discard, boolean midMessage) {
    client = null;
    if (state == State.PREPARING) {
      return;
    }
    boolean clean =
        status == Protocol.TransactionStatus.IDLE && exchange.isEmpty() && !exchange.unsynced();
    boolean quiet = !midMessage && !cancels.underWay() && !answers.passing();
    if (clean && quiet && outbox().isEmpty()) {
      tidy(discard);
      return;
    }
    if (!exchange.isEmpty()) {
      cancel();
    }
    close();
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

  void send(byte[] message) {
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
        if (user != null) {
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
    if (user != null && state == State.USED) {
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
