package io.pgfleet.gateway;

import io.pgfleet.gateway.message.Messages;
import io.pgfleet.gateway.message.ProtocolViolation;
import io.pgfleet.gateway.statement.NamedStatement;
import io.pgfleet.gateway.statement.Statement;
import io.pgfleet.gateway.statement.StatementScan;
import io.pgfleet.wire.Protocol.TransactionStatus;
import io.pgfleet.wire.ServerReport;
import io.pgfleet.wire.SqlState;
import io.pgfleet.wire.scram.ScramKeys;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A client's connection: its socket, its login, and the server it has or waits for. */
final class ClientLink implements Endpoint {
  private static final int HELD_PER_CLIENT = 64 << 10;

  private final EventLoop loop;
  private final SocketChannel channel;
  private final SelectionKey key;
  private final Outbox outbox;
  private final Inbox inbox = new Inbox();
  private final ClientLogin login;
  private final ClientStatements statements;
  private final ClientSession session;
  private final LocalAnswers local = new LocalAnswers();
  private final ClientRequests requests;
  private final long acceptedAt;
  private @Nullable Pool pool;
  private @Nullable ServerLink server;
  private SessionParameters parameters = SessionParameters.NONE;
  private Map<String, String> requested = Map.of();
  private boolean loggedIn;
  private boolean counted;
  private boolean closed;
  private boolean closing;
  private boolean queued;
  private boolean processing;
  private long waitingSince;
  private boolean waits;
  private int accounted;
  private int process;
  private int secret;

  ClientLink(EventLoop loop, SocketChannel channel) throws IOException {
    this.loop = loop;
    this.channel = channel;
    this.outbox = new Outbox(channel);
    this.login = new ClientLogin(loop, this);
    this.statements = new ClientStatements(loop.catalog);
    this.session = new ClientSession(statements);
    this.requests = new ClientRequests(loop, this, session, statements, local);
    this.acceptedAt = loop.now();
    this.key = loop.register(channel, SelectionKey.OP_READ, this);
  }

  EventLoop loop() {
    return loop;
  }

  boolean open() {
    return !closed && !closing;
  }

  Outbox outbox() {
    return outbox;
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
      if ((operations & SelectionKey.OP_WRITE) != 0 && outbox.flush()) {
        drained();
      }
      if ((operations & SelectionKey.OP_READ) != 0 && open()) {
        ByteBuffer bytes = inbox.read(channel, loop.readBuffer);
        if (bytes == null) {
          close();
          return;
        }
        process(bytes);
      }
    } catch (IOException e) {
      close();
    }
  }

  private void drained() {
    want(SelectionKey.OP_WRITE, false);
    if (closing) {
      close();
      return;
    }
    ServerLink giver = server;
    if (giver != null) {
      giver.reading(true);
    }
    readAsAllowed();
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
    if (closed || closing || processing || !outbox.isEmpty() && loggedIn) {
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
        !outbox.isEmpty()
            || taker != null && !taker.outbox().isEmpty()
            || (waits || requests.stalled()) && held >= (crowded ? 1 : HELD_PER_CLIENT);
    want(SelectionKey.OP_READ, !blocked);
  }

  private void want(int operation, boolean on) {
    if (key.isValid()) {
      int before = key.interestOps();
      int after = on ? before | operation : before & ~operation;
      if (after != before) {
        key.interestOps(after);
      }
    }
  }

  void send(byte[] message) {
    if (closed) {
      return;
    }
    try {
      outbox.write(message);
      if (!outbox.isEmpty()) {
        want(SelectionKey.OP_WRITE, true);
      }
    } catch (IOException e) {
      loop.defer(this::close);
    }
  }

  /** Counts the client; false if there are too many. */
  boolean count() {
    counted = true;
    return loop.fleet.clients.incrementAndGet() <= loop.fleet.settings.maxClientConnections();
  }

  /** The password was right. */
  void proven(ScramKeys keys) {
    Pool joined = loop.pool(PoolKey.of(login.parameters()));
    pool = joined;
    joined.learn(keys);
    joined.joined();
    requested = SessionParameters.trackedAtStartup(login.parameters());
    SessionParameters form = joined.loginForm(formKey());
    if (form != null) {
      parameters = named(form);
      welcome();
    } else {
      attach();
    }
  }

  /** Values a server reports as they were given need no server to tell what they come to. */
  private Map<String, String> formKey() {
    String name = requested.get("application_name");
    if (name == null || !isPlain(name)) {
      return requested;
    }
    Map<String, String> rest = new java.util.TreeMap<>(requested);
    rest.remove("application_name");
    return rest;
  }

  private SessionParameters named(SessionParameters form) {
    String name = requested.get("application_name");
    return name != null && isPlain(name) ? form.with("application_name", name) : form;
  }

  private static boolean isPlain(String name) {
    return name.length() < 64 && name.chars().allMatch(c -> c >= 32 && c < 127);
  }

  private void welcome() {
    loggedIn = true;
    loop.counters.logins++;
    process = loop.fleet.register(this);
    secret = loop.fleet.secret();
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
    if (!loggedIn) {
      return requested;
    }
    SessionParameters theirs = candidate.parameters();
    if (theirs == parameters) {
      return Map.of();
    }
    return parameters.differences(theirs);
  }

  /** The server is this client's now. */
  void given(ServerLink giver) {
    server = giver;
    queued = false;
    waits = false;
    Pool from = pool;
    if (!loggedIn && from != null) {
      parameters = giver.parameters();
      from.learnLoginForm(formKey(), parameters);
      welcome();
      loop.defer(giver::release);
      return;
    }
    if (parameters != giver.parameters()) {
      parameters
          .changes(giver.parameters())
          .forEach((n, v) -> send(Messages.parameterStatus(n, v)));
      parameters = giver.parameters();
    }
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

  boolean mayRelease(ServerLink held) {
    boolean idle =
        held.exchange().isEmpty()
            && !held.exchange().unsynced()
            && held.status() == TransactionStatus.IDLE
            && !requests.midMessage()
            && held.outbox().isEmpty();
    boolean keeps =
        loggedIn && (session.pins() != 0 || loop.fleet.settings.poolMode() == PoolMode.SESSION);
    return idle && !keeps;
  }

  void releasedServer() {
    server = null;
  }

  boolean leavesSessionState() {
    return session.pins() != 0 || loop.fleet.settings.poolMode() == PoolMode.SESSION && loggedIn;
  }

  /** Bytes for this client were written as far as it takes them. */
  void answered(ServerLink giver) {
    if (!outbox.isEmpty()) {
      want(SelectionKey.OP_WRITE, true);
      giver.reading(false);
      readAsAllowed();
    }
    if (requests.stalled()) {
      loop.defer(this::proceed);
    }
  }

  /** Bytes of the gateway's own were written to the client. */
  void answeredLocally() {
    if (!closed && !outbox.isEmpty()) {
      want(SelectionKey.OP_WRITE, true);
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

  boolean watchesTags() {
    return session.watchesTags();
  }

  void tag(String tag, PreparedStatements prepared) {
    session.tag(tag, prepared);
  }

  void parameters(SessionParameters now) {
    parameters = now;
  }

  void copyIn(boolean on) {
    session.copyIn(on);
    if (!on) {
      session.failed();
    }
  }

  void serverReady(byte status, Exchange exchange) {
    if (exchange.isEmpty() && !exchange.unsynced()) {
      session.settled();
      requests.settled();
    }
  }

  void segmentFailed() {
    requests.segmentFailed();
  }

  void undo(Exchange.Owed owed, @Nullable NamedStatement named, @Nullable Statement statement) {
    session.undo(owed, named, statement);
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
      fatal(
          ServerReport.of(
                  "FATAL",
                  SqlState.ADMIN_SHUTDOWN,
                  "the server that kept this session's state was lost")
              .with(ServerReport.DETAIL, (what.isEmpty() ? "" : "Kept: " + what + ". ") + why)
              .with(ServerReport.HINT, "Connect again."));
      return;
    }
    requests.serverLost(exchange, status, why);
    session.serverLost();
    loop.defer(this::proceed);
  }

  /** A CancelRequest with this client's number came, perhaps with its secret too. */
  void cancelRequested(int givenSecret) {
    if (givenSecret != secret || !loggedIn || closed) {
      return;
    }
    ServerLink busy = server;
    if (busy != null && !busy.exchange().isEmpty()) {
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
    if (!loggedIn) {
      fatal(ServerReport.of("FATAL", error.sqlState(), error.message()));
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
      if (loop.now() - acceptedAt > settings.loginTimeout().toNanos()) {
        if (login.started() && !closing) {
          fatal(
              ServerReport.of(
                  "FATAL", SqlState.CANNOT_CONNECT_NOW, "the login took too long: no server"));
        } else {
          close();
        }
      }
      return;
    }
    if (waits && loop.now() - waitingSince > settings.queryWaitTimeout().toNanos()) {
      loop.counters.waitTimeouts++;
      boolean primary = loop.fleet.primary().isPresent();
      giveUp(
          ServerReport.of(
                  "ERROR",
                  SqlState.QUERY_CANCELED,
                  "query_wait_timeout: no server came free in "
                      + settings.queryWaitTimeout().toMillis()
                      + " ms")
              .with(
                  ServerReport.HINT,
                  primary
                      ? "All server connections of the pool are busy; look for long transactions."
                      : "The fleet has no primary now; nothing was run."));
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
    fatal(
        ServerReport.of(
            "FATAL",
            SqlState.ADMIN_SHUTDOWN,
            "terminating connection due to administrator command"));
    close();
  }

  /** Tells an error that ends the connection, and ends it. */
  void fatal(ServerReport report) {
    if (!open()) {
      return;
    }
    send(
        Messages.error(
            report
                .with(ServerReport.SEVERITY, "FATAL")
                .with(ServerReport.LOCAL_SEVERITY, "FATAL")));
    if (outbox.isEmpty()) {
      loop.defer(this::close);
    }
    closing = true;
  }

  void close() {
    if (closed) {
      return;
    }
    closed = true;
    EventLoop.closeQuietly(channel);
    inbox.clear();
    readAsAllowed();
    ServerLink held = server;
    server = null;
    Pool from = pool;
    if (from != null) {
      from.left(this);
    }
    if (held != null) {
      held.abandoned(leavesSessionState());
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

  boolean running() {
    ServerLink held = server;
    return held != null
        && (!held.exchange().isEmpty()
            || held.exchange().unsynced()
            || held.status() != TransactionStatus.IDLE
            || requests.midMessage());
  }

  boolean loggedIn() {
    return loggedIn;
  }

  boolean attached() {
    return server != null;
  }

  boolean waiting() {
    return waits;
  }

  Optional<GatewayStatus.PinnedClient> pinned() {
    Pool of = pool;
    if (session.pins() == 0 || of == null) {
      return Optional.empty();
    }
    String address;
    try {
      address = String.valueOf(channel.getRemoteAddress());
    } catch (IOException e) {
      address = "unknown";
    }
    return Optional.of(
        new GatewayStatus.PinnedClient(
            of.key().database(), of.key().user(), address, StatementScan.reasons(session.pins())));
  }
}
