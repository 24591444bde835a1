package io.pgfleet.gateway;

import io.pgfleet.gateway.login.Credentials;
import io.pgfleet.gateway.message.Messages;
import io.pgfleet.gateway.message.ProtocolViolation;
import io.pgfleet.gateway.observe.Figures;
import io.pgfleet.gateway.statement.StatementScan;
import io.pgfleet.wire.Protocol.TransactionStatus;
import io.pgfleet.wire.ServerReport;
import io.pgfleet.wire.SqlState;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.security.MessageDigest;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A client's connection: its socket, its login, and the server it has or waits for. */
final class ClientLink implements Endpoint {
  private static final int HELD_PER_CLIENT = 64 << 10;

  final EventLoop loop;
  final Plug plug;
  private final Inbox inbox = new Inbox();
  private final ClientLogin login;
  private final ClientStatements statements;
  final ClientSession session;
  private final LocalAnswers local = new LocalAnswers();
  final ClientRequests requests;
  final ClientSight seen;
  @Nullable Pool pool;
  private @Nullable ServerLink server;
  SessionParameters parameters = SessionParameters.NONE;
  private RequestedParameters requested = new RequestedParameters(Map.of());
  private boolean loggedIn;
  private boolean counted;
  private boolean closed;
  private boolean closing;
  private boolean queued;
  private boolean processing;
  private long waitingSince;
  boolean waits;
  private int accounted;
  private int process;
  private byte[] secret = {};

  ClientLink(EventLoop loop, SocketChannel channel) throws IOException {
    this.loop = loop;
    this.login = new ClientLogin(loop, this);
    this.statements = new ClientStatements(loop.catalog);
    this.session = new ClientSession(statements);
    this.requests = new ClientRequests(loop, this, session, statements, local);
    this.seen = new ClientSight(loop, this);
    this.plug = new Plug(loop, channel, loop.register(channel, SelectionKey.OP_READ, this), this);
  }

  boolean open() {
    return !closed && !closing;
  }

  Outbox outbox() {
    return plug.outbox();
  }

  @Nullable ServerLink server() {
    return server;
  }

  @Override
  public void ready(int operations) {
    if (closed) {
      return;
    }
    try {
      if ((operations & SelectionKey.OP_WRITE) != 0 && plug.outbox().flush()) {
        drained();
      }
      if ((operations & SelectionKey.OP_READ) != 0 && open()) {
        ByteBuffer bytes = inbox.read(plug, loop.readBuffer);
        if (bytes == null) {
          close();
          return;
        }
        seen.heard();
        process(bytes);
      }
    } catch (IOException e) {
      seen.leaves("the connection broke: " + e.getMessage());
      close();
    }
  }

  private void drained() {
    plug.want(SelectionKey.OP_WRITE, false);
    if (closing) {
      close();
      return;
    }
    ServerLink giver = server;
    if (giver != null) {
      giver.want(SelectionKey.OP_READ, true);
    }
    readAsAllowed();
    loop.defer(this::proceed);
  }

  private void process(ByteBuffer bytes) {
    processing = true;
    try {
      if (loggedIn) {
        requests.process(bytes);
      } else {
        login.process(bytes);
      }
    } catch (ProtocolViolation e) {
      loop.counters.protocolViolations++;
      fatal(ServerReport.of("FATAL", SqlState.PROTOCOL_VIOLATION, String.valueOf(e.getMessage())));
    } finally {
      processing = false;
    }
    if (closed) {
      inbox.clear();
    } else {
      inbox.keep(bytes);
    }
    readAsAllowed();
  }

  /** Goes on with bytes that had to wait. */
  void proceed() {
    if (closed || closing || processing || (!plug.outbox().isEmpty() && loggedIn)) {
      return;
    }
    ByteBuffer kept = inbox.kept();
    if (kept != null) {
      process(kept);
    }
  }

  /** Reads on unless bytes would pile up here. */
  private void readAsAllowed() {
    int held = closed ? 0 : inbox.size();
    loop.held(held - accounted);
    accounted = held;
    if (closed) {
      return;
    }
    ServerLink taker = server;
    boolean crowded =
        loop.heldBytes() > loop.fleet.settings.maxHeldBytes() / loop.fleet.settings.loops();
    boolean blocked =
        !plug.outbox().isEmpty()
            || (taker != null && !taker.outbox().isEmpty())
            || ((waits || requests.stalled()) && held >= (crowded ? 1 : HELD_PER_CLIENT));
    plug.want(SelectionKey.OP_READ, !blocked);
  }

  void send(byte[] message) {
    if (!closed && !plug.send(message)) {
      loop.defer(this::close);
    }
  }

  /** Counts the client; false if there are too many. */
  boolean count() {
    counted = true;
    return loop.fleet.clients.incrementAndGet() <= loop.fleet.settings.maxClientConnections();
  }

  /** It is who it says. */
  void proven(Credentials keys) {
    Pool joined = loop.pool(PoolKey.of(login.parameters()));
    pool = joined;
    joined.learn(keys);
    joined.joined();
    requested = RequestedParameters.of(login.parameters());
    SessionParameters form = joined.loginForm(requested.formKey());
    if (form != null) {
      parameters = loop.canonical(requested.named(form));
      welcome();
    } else {
      attach();
    }
  }

  private void welcome() {
    loggedIn = true;
    seen.loggedIn();
    process = loop.fleet.register(this);
    secret = loop.fleet.random(login.cancelKeySize());
    parameters.values().forEach((name, value) -> send(Messages.parameterStatus(name, value)));
    send(Messages.backendKey(process, secret));
    send(Messages.ready(TransactionStatus.IDLE));
    loop.defer(this::proceed);
  }

  /** Has a server, or queues for one; false if it must wait. */
  boolean attach() {
    Pool from = pool;
    if (server == null && !queued && from != null) {
      queued = true;
      beginsToWait();
      from.acquire(this);
    }
    return server != null;
  }

  void beginsToWait() {
    if (!waits) {
      waits = true;
      waitingSince = loop.now();
    }
  }

  void stopsWaiting() {
    waits = false;
  }

  Map<String, String> parametersMissingOn(ServerLink candidate) {
    return loggedIn ? parameters.missingOn(candidate) : requested.values();
  }

  /** The server is this client's now. */
  void given(ServerLink giver) {
    server = giver;
    queued = false;
    waits = false;
    giver.times.given(loop.now() - waitingSince);
    Pool from = pool;
    if (!loggedIn && from != null) {
      parameters = giver.parameters();
      from.learnLoginForm(requested.formKey(), parameters);
      welcome();
      loop.defer(giver::release);
      return;
    }
    parameters = parameters.lentWith(giver, this::send);
    if (!processing) {
      loop.defer(this::proceed);
    }
  }

  /** The server did not take the client's parameters. */
  void parametersRefused(ServerReport error) {
    queued = false;
    fatal(ServerReport.of("FATAL", error.sqlState(), error.message()));
  }

  /** The server on its way to this client broke; the next will do. */
  void serverNotGiven() {
    Pool from = pool;
    if (open() && from != null) {
      from.acquireFirst(this);
    }
  }

  /** No server will ever take this client. */
  void refused(ServerReport refusal) {
    queued = false;
    if (refusal.sqlState().startsWith("28")) {
      loop.fleet.verifiers.doubt(login.parameters().getOrDefault("user", ""));
    }
    fatal(refusal);
  }

  private boolean keepsSession() {
    Pool of = pool;
    return of != null && of.settings.poolMode() == PoolMode.SESSION;
  }

  boolean mayRelease(ServerLink held) {
    boolean idle =
        held.exchange.isEmpty()
            && !held.exchange.unsynced()
            && held.status() == TransactionStatus.IDLE
            && !requests.midMessage()
            && held.outbox().isEmpty();
    boolean keeps = loggedIn && (session.pins() != 0 || keepsSession());
    return idle && !keeps;
  }

  void releasedServer() {
    server = null;
  }

  boolean leavesSessionState() {
    return session.pins() != 0 || (keepsSession() && loggedIn);
  }

  /** Bytes for this client were written as far as it takes them. */
  void answered(ServerLink giver) {
    if (!plug.outbox().isEmpty()) {
      plug.want(SelectionKey.OP_WRITE, true);
      giver.want(SelectionKey.OP_READ, false);
      readAsAllowed();
    }
    if (requests.stalled()) {
      loop.defer(this::proceed);
    }
  }

  /** Bytes of the gateway's own were written to the client. */
  void answeredLocally() {
    if (!closed && !plug.outbox().isEmpty()) {
      plug.want(SelectionKey.OP_WRITE, true);
    }
  }

  io.pgfleet.gateway.statement.TrackedNames trackedNames() {
    return parameters.tracked();
  }

  /** The server took what was waiting for it. */
  void serverDrained() {
    readAsAllowed();
    if (inbox.size() > 0) {
      loop.defer(this::proceed);
    }
    ServerLink held = server;
    if (held != null) {
      loop.defer(held::release);
    }
  }

  void parameters(SessionParameters now) {
    parameters = now;
  }

  /** The server broke while this client had it. */
  void serverLost(Exchange exchange, byte status, boolean cut, String why) {
    server = null;
    if (!open()) {
      return;
    }
    if (cut) {
      // half of a row is out: nothing that could follow would be understood
      close();
      return;
    }
    if (!loggedIn) {
      queued = false;
      attach();
      return;
    }
    if (leavesSessionState()) {
      String what = StatementScan.reasons(session.pins());
      fatal(Reports.sessionLost(what, why));
      return;
    }
    requests.serverLost(exchange, status, why);
    session.serverLost();
    loop.defer(this::proceed);
  }

  /** A CancelRequest with this client's number came, perhaps with its secret too. */
  void cancelRequested(byte[] givenSecret) {
    if (!MessageDigest.isEqual(givenSecret, secret) || !loggedIn || closed) {
      return;
    }
    ServerLink busy = server;
    if (busy != null && !busy.exchange.isEmpty()) {
      loop.counters.cancels++;
      busy.cancel();
    } else if (waits) {
      giveUp(
          ServerReport.of(
              "ERROR", SqlState.QUERY_CANCELED, "canceling statement due to user request"));
    }
  }

  /** The request that waits for a server is answered with an error instead. */
  private void giveUp(ServerReport error) {
    Pool from = pool;
    // If its turn has just come, a server is being made ready; it will go back unused.
    queued = queued && from != null && !from.cancelWait(this);
    waits = false;
    figures().error(error.sqlState());
    if (!loggedIn) {
      fatal(error);
      return;
    }
    local.refuse(error);
    proceed();
  }

  void tick() {
    if (closed) {
      return;
    }
    GatewaySettings settings = loop.fleet.settings;
    if (closing || !loggedIn) {
      if (loop.now() - seen.acceptedAt > settings.loginTimeout().toNanos()) {
        if (login.started() && !closing) {
          fatal(Reports.loginTooLong());
        } else {
          close();
        }
      }
      return;
    }
    Pool of = pool;
    if (waits
        && of != null
        && loop.now() - waitingSince > of.settings.queryWaitTimeout().toNanos()) {
      loop.counters.waitTimeouts++;
      boolean primary = loop.fleet.primary().isPresent();
      giveUp(Reports.waitedTooLong(of.settings.queryWaitTimeout(), primary));
    }
  }

  /** Holding has ended, or the primary is another. */
  void resumed() {
    if (requests.stalled()) {
      proceed();
    }
  }

  /** The gateway ends. */
  void shutDown() {
    fatal(Reports.shutDown());
    close();
  }

  /** Tells an error that ends the connection, and ends it. */
  void fatal(ServerReport report) {
    if (!open()) {
      return;
    }
    seen.fails(report);
    send(
        Messages.error(
            report
                .with(ServerReport.SEVERITY, "FATAL")
                .with(ServerReport.LOCAL_SEVERITY, "FATAL")));
    if (plug.outbox().isEmpty()) {
      loop.defer(this::close);
    }
    closing = true;
  }

  void close() {
    if (closed) {
      return;
    }
    closed = true;
    seen.left();
    plug.close();
    inbox.clear();
    readAsAllowed();
    ServerLink held = server;
    server = null;
    Pool from = pool;
    if (from != null) {
      from.left(this);
    }
    if (held != null) {
      held.abandoned(leavesSessionState(), requests.midMessage());
    }
    statements.clear();
    if (process != 0) {
      loop.fleet.unregister(process, this);
    }
    if (counted) {
      loop.fleet.clients.decrementAndGet();
    }
    loop.removed(this);
  }

  boolean loggedIn() {
    return loggedIn;
  }

  /** What its account does; there is one once it has logged in. */
  Figures figures() {
    return Objects.requireNonNull(pool).figures;
  }
}
