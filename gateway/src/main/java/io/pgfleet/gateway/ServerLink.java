package io.pgfleet.gateway;

import io.pgfleet.gateway.message.Messages;
import io.pgfleet.gateway.message.ProtocolViolation;
import io.pgfleet.gateway.message.StartupPacket;
import io.pgfleet.gateway.statement.Statement;
import io.pgfleet.wire.Protocol;
import io.pgfleet.wire.ServerReport;
import io.pgfleet.wire.SqlState;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.Map;
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

  private static final int MAX_REPORT = 256 << 10;
  private static final int MAX_CANCELS = 5;
  private static final long CANCEL_AGAIN = 100_000_000L;

  private final EventLoop loop;
  private final Pool pool;
  private final Primary primary;
  private final ServerLogin login;
  private final Exchange exchange = new Exchange();
  private final ServerAnswers answers;
  private final PreparedStatements prepared;
  private final Inbox inbox = new Inbox();
  private final long openedAt;
  private @Nullable SocketChannel channel;
  private @Nullable Outbox outbox;
  private @Nullable SelectionKey key;
  private State state = State.CONNECTING;
  private SessionParameters parameters = SessionParameters.NONE;
  private @Nullable ClientLink client;
  private @Nullable Runnable prepareDone;
  private @Nullable ServerReport prepareError;
  private @Nullable ServerReport lastWords;
  private long idleSince;
  private int cancels;
  private long requestsDone;
  private boolean retired;
  private boolean wantsRelease;
  private byte status = Protocol.TransactionStatus.IDLE;

  ServerLink(EventLoop loop, Pool pool, Primary primary) {
    this.loop = loop;
    this.pool = pool;
    this.primary = primary;
    this.login = new ServerLogin(pool);
    this.openedAt = loop.now();
    this.prepared = new PreparedStatements(loop.fleet.settings.maxPreparedStatements());
    this.answers = new ServerAnswers(loop, this, exchange, prepared);
  }

  Primary primary() {
    return primary;
  }

  SessionParameters parameters() {
    return parameters;
  }

  void parameters(SessionParameters changed) {
    parameters = changed;
  }

  int process() {
    return login.process();
  }

  int secret() {
    return login.secret();
  }

  long openedAt() {
    return openedAt;
  }

  long idleSince() {
    return idleSince;
  }

  Exchange exchange() {
    return exchange;
  }

  /** Gives the client what is the gateway's own to answer, where nothing else is owed before. */
  void localAnswers(Gather out) {
    answers.local(out);
  }

  PreparedStatements prepared() {
    return prepared;
  }

  Pool pool() {
    return pool;
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

  /** Is to be closed as soon as its transaction has ended. */
  void retire() {
    retired = true;
  }

  /** Part of a large answer has been passed on, and the rest has not come. */
  boolean cutsAnAnswer() {
    return answers.passing();
  }

  /** Begins to connect; failures are told to the pool later. */
  void connect() {
    try {
      SocketChannel opened = SocketChannel.open();
      channel = opened;
      outbox = new Outbox(opened);
      opened.configureBlocking(false);
      opened.setOption(java.net.StandardSocketOptions.TCP_NODELAY, true);
      opened.setOption(java.net.StandardSocketOptions.SO_KEEPALIVE, true);
      key = loop.register(opened, SelectionKey.OP_CONNECT, this);
      if (opened.connect(new InetSocketAddress(primary.host(), primary.port()))) {
        loop.defer(() -> ready(SelectionKey.OP_CONNECT));
      }
    } catch (IOException | RuntimeException e) {
      loop.defer(() -> lost(e.toString()));
    }
  }

  @Override
  public void ready(int operations) {
    SocketChannel open = channel;
    Outbox out = outbox;
    if (state == State.CLOSED || open == null || out == null) {
      return;
    }
    try {
      if ((operations & SelectionKey.OP_CONNECT) != 0 && state == State.CONNECTING) {
        open.finishConnect();
        state = State.LOGGING_IN;
        interest(SelectionKey.OP_READ);
        send(login.startup());
      }
      if ((operations & SelectionKey.OP_WRITE) != 0 && out.flush()) {
        want(SelectionKey.OP_WRITE, false);
        ClientLink waiting = client;
        if (waiting != null) {
          waiting.serverDrained();
        }
      }
      if ((operations & SelectionKey.OP_READ) != 0) {
        ByteBuffer bytes = inbox.read(open, loop.readBuffer);
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
    while (state != State.USED && state != State.CLOSED && nextIsWhole(bytes)) {
      int start = bytes.position();
      int end = start + 1 + bytes.getInt(start + 1);
      ByteBuffer body = bytes.duplicate().position(start + Protocol.HEADER_SIZE).limit(end).slice();
      bytes.position(end);
      own(bytes.get(start), body);
    }
    if (state != State.CLOSED) {
      inbox.keep(bytes);
    }
  }

  private static boolean nextIsWhole(ByteBuffer bytes) throws ProtocolViolation {
    if (bytes.remaining() < Protocol.HEADER_SIZE) {
      return false;
    }
    int length = bytes.getInt(bytes.position() + 1);
    if (length < 4 || length > MAX_REPORT) {
      throw new ProtocolViolation("the server sent a message of " + length + " bytes");
    }
    return bytes.remaining() > length;
  }

  /** A message for the gateway itself. */
  private void own(byte type, ByteBuffer body) throws ProtocolViolation {
    if (state == State.LOGGING_IN) {
      loginMessage(type, body);
      return;
    }
    switch (type) {
      case Protocol.Backend.PARAMETER_STATUS ->
          parameters = parameters.with(StartupPacket.text(body), StartupPacket.text(body));
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
        if (parameters.get("in_hot_standby").equals("on")) {
          // whatever the fleet believes, this server takes no writes now
          shut();
          pool.openFailed(this, null);
          return;
        }
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
    if (state != State.USED || cancels > 0 || (user != null && !user.mayRelease(this))) {
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
      prepare(deallocation(), this::backToPool);
    } else {
      backToPool();
    }
  }

  private String deallocation() {
    StringBuilder sql = new StringBuilder();
    for (Statement statement : prepared.evict()) {
      sql.append("DEALLOCATE ")
          .append(new String(statement.serverName(), java.nio.charset.StandardCharsets.US_ASCII))
          .append(';');
    }
    return sql.toString();
  }

  private void backToPool() {
    if (prepareError != null || cancels > 0) {
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
    boolean clean = status == Protocol.TransactionStatus.IDLE && exchange.isEmpty() && cancels == 0;
    Outbox out = outbox;
    if (clean && !answers.passing() && out != null && out.isEmpty()) {
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
    cancel(MAX_CANCELS);
  }

  private void cancel(int tries) {
    if (state != State.USED) {
      return;
    }
    long request = requestsDone;
    try {
      cancels++;
      new CancelRelay(loop, this, certain -> cancelDone(certain, request, tries)).start();
    } catch (IOException e) {
      cancels--;
    }
  }

  /** A signal that came before the backend had begun with the request did nothing: once more. */
  private void cancelDone(boolean certain, long request, int tries) {
    cancels--;
    retired |= !certain;
    if (tries > 1) {
      loop.later(
          CANCEL_AGAIN,
          () -> {
            if (requestsDone == request && !exchange.isEmpty()) {
              cancel(tries - 1);
            }
          });
    }
    loop.defer(this::release);
  }

  /** What the client sends now goes here. */
  Outbox outbox() {
    return java.util.Objects.requireNonNull(outbox);
  }

  /** Asks to be told when the socket takes bytes again. */
  void wantWrite() {
    want(SelectionKey.OP_WRITE, true);
  }

  /** Reads on, or leaves bytes with the server until the client has taken what it got. */
  void reading(boolean on) {
    want(SelectionKey.OP_READ, on);
  }

  private void send(byte[] message) {
    Outbox out = outbox;
    if (out == null) {
      return;
    }
    try {
      out.write(message);
      if (!out.isEmpty()) {
        wantWrite();
      }
    } catch (IOException e) {
      loop.defer(() -> lost(String.valueOf(e.getMessage())));
    }
  }

  private void want(int operation, boolean on) {
    SelectionKey selection = key;
    if (selection != null && selection.isValid()) {
      int before = selection.interestOps();
      int after = on ? before | operation : before & ~operation;
      if (after != before) {
        selection.interestOps(after);
      }
    }
  }

  private void interest(int operations) {
    SelectionKey selection = key;
    if (selection != null && selection.isValid()) {
      selection.interestOps(operations);
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

  /** The connection broke. */
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
    SocketChannel open = channel;
    if (open != null) {
      EventLoop.closeQuietly(open);
    }
    inbox.clear();
  }

  void abandonIfConnectingElsewhere() {
    if ((state == State.CONNECTING || state == State.LOGGING_IN) && !pool.isCurrent(this)) {
      shut();
      pool.openFailed(this, null);
    }
  }

  /** Gives up on a server that does not answer. */
  void tick() {
    boolean opening = state == State.CONNECTING || state == State.LOGGING_IN;
    if (opening && loop.now() - openedAt > loop.fleet.settings.connectTimeout().toNanos()) {
      lost("the server did not answer in time");
    }
  }
}
