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
  final EventLoop loop;
  final Plug plug;
  private final Inbox inbox = new Inbox();
  private final Intake intake = new Intake(this);
  @Nullable ClientLogin login;
  private @Nullable ClientEntry entry;
  private final ClientTimes times;
  final ClientStatements statements;
  final ClientSession session;
  private final LocalAnswers local = new LocalAnswers();
  final ClientRequests requests;
  final Ears ears;
  final ClientReads reads;
  TimeLimits limits = TimeLimits.NONE;
  final ClientSight seen;
  @Nullable Pool pool;
  private @Nullable ServerLink server;
  SessionParameters parameters = SessionParameters.NONE;
  boolean loggedIn;
  @Nullable AdminLink admin;
  private boolean counted;
  boolean closed;
  private boolean closing;
  boolean queued;
  private @Nullable Pool queuedAt;
  private boolean processing;
  long waitingSince;
  boolean waits;
  private int process;
  private byte[] secret = {};

  ClientLink(EventLoop loop, SocketChannel channel) throws IOException {
    this.loop = loop;
    ClientLogin begun = new ClientLogin(loop, this);
    this.login = begun;
    this.entry = new ClientEntry(loop, this, begun);
    this.statements = new ClientStatements(loop.catalog);
    this.times = new ClientTimes(loop, this);
    this.ears = new Ears(loop, this);
    this.session = new ClientSession(this, statements, times);
    this.reads = new ClientReads(loop, this, statements);
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
        boolean mustWait = server == null && loggedIn && loop.isCrowded();
        ByteBuffer bytes = inbox.read(plug, mustWait ? loop.smallBuffer : loop.readBuffer);
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
    ears.deliverSoon();
    loop.defer(this::proceed);
  }

  private void process(ByteBuffer bytes) {
    processing = true;
    AdminLink asking = admin;
    try {
      if (asking != null) {
        asking.process(bytes);
      } else if (loggedIn) {
        requests.process(bytes);
      } else {
        Objects.requireNonNull(login).process(bytes);
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
    if (closed || closing || processing || suspended() || (!plug.outbox().isEmpty() && loggedIn)) {
      return;
    }
    ByteBuffer kept = inbox.kept();
    if (kept != null) {
      process(kept);
    }
  }

  /** Reads on unless bytes would pile up here. */
  void readAsAllowed() {
    intake.allow(closed ? 0 : inbox.size());
  }

  void roomAgain() {
    readAsAllowed();
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

  void proven(Credentials credentials) {
    Map<String, String> startup = Objects.requireNonNull(login).parameters();
    if (AdminLink.asked(startup)) {
      admin = AdminLink.enter(this, startup);
      loggedIn = admin != null;
      return;
    }
    Objects.requireNonNull(entry).proven(credentials);
  }

  /** It has its parameters: the login is over. */
  void welcome(SessionParameters first) {
    parameters = first;
    loggedIn = true;
    seen.loggedIn();
    times.loggedIn(limits);
    process = loop.fleet.register(this);
    secret = loop.fleet.random(Objects.requireNonNull(login).cancelKeySize());
    login = null;
    entry = null;
    parameters.values().forEach((name, value) -> send(Messages.parameterStatus(name, value)));
    send(Messages.backendKey(process, secret));
    send(Messages.ready(TransactionStatus.IDLE));
    loop.defer(this::proceed);
  }

  /** Has a server, or queues for one; false if it must wait. */
  boolean attach(Pool from) {
    if (server == null && !queued) {
      queued = true;
      queuedAt = from;
      beginsToWait();
      from.acquire(this);
    }
    return server != null;
  }

  void beginsToWait() {
    if (!waits) {
      waits = true;
      waitingSince = loop.now();
      times.waits(limits);
    }
  }

  TimeLimits limits() {
    Pool of = pool;
    return of == null ? limits : of.limits();
  }

  void stopsWaiting() {
    waits = false;
  }

  Map<String, String> parametersMissingOn(ServerLink candidate) {
    ClientEntry entering = entry;
    return entering == null ? parameters.missingOn(candidate) : entering.requested();
  }

  /** The server is this client's now. */
  void given(ServerLink giver) {
    server = giver;
    queued = false;
    waits = false;
    giver.times.given(loop.now() - waitingSince);
    Pool from = pool;
    if (!loggedIn && from != null) {
      SessionParameters theirs = giver.session.parameters();
      from.loginForms.learn(Objects.requireNonNull(entry).formKey(), theirs);
      welcome(theirs);
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
    Pool from = queuedAt;
    if (open() && from != null) {
      if (!from.standby.isEmpty()) {
        turnedAway();
      } else {
        from.acquireFirst(this);
      }
    }
  }

  /** The standby that was waited for can't be used. */
  void turnedAway() {
    queued = false;
    reads.toPrimary();
    loop.defer(this::proceed);
  }

  /** What is under way on a standby is run on the primary; the standby is done with. */
  void runElsewhere(boolean remember) {
    server = null;
    byte[] bytes = reads.takeBack(remember);
    inbox.putBack(bytes);
    sessionLost();
    requests.named().settled();
    readAsAllowed();
    loop.defer(this::proceed);
  }

  /** No server will ever take this client. */
  void refused(ServerReport refusal) {
    queued = false;
    if (refusal.sqlState().startsWith("28")) {
      Pool of = pool;
      if (of != null) {
        loop.fleet.verifiers.doubt(of.key().user());
      }
    }
    fatal(refusal);
  }

  void releasedServer() {
    server = null;
    if (requests.stalled()) {
      loop.defer(this::proceed);
    }
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

  /** The server broke while this client had it. */
  void serverLost(ServerLink lost, boolean cut, String why) {
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
      Pool again = pool;
      if (again != null) {
        attach(again);
      }
      return;
    }
    if (session.leavesState()) {
      String what = StatementScan.reasons(session.pins());
      fatal(Reports.sessionLost(what, why));
      return;
    }
    if (lost.session.onStandby() && reads.mayTakeBack()) {
      lost.answers.undoAll();
      runElsewhere(false);
      return;
    }
    requests.serverLost(lost.exchange, lost.status(), lost.session.onStandby(), why);
    sessionLost();
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
  void giveUp(ServerReport error) {
    Pool from = queuedAt;
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

  private void sessionLost() {
    if (session.mayWrite()) {
      reads.wrote();
    }
    reads.units.clear();
    session.serverLost();
    ears.serverLost();
  }

  /** Leaves its server, and its transaction there. */
  void giveUpServer() {
    server = null;
    sessionLost();
  }

  /** The client has sent its start-up packet, and is not logged in. */
  boolean loginBegun() {
    ClientLogin unfinished = login;
    return unfinished != null && unfinished.started();
  }

  /** Holding has ended, or the primary is another. */
  void resumed() {
    if (requests.stalled()) {
      proceed();
    }
  }

  boolean suspended() {
    return loggedIn && admin == null && loop.fleet.holds.suspended();
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
    times.closing();
  }

  void close() {
    if (closed) {
      return;
    }
    closed = true;
    seen.left();
    plug.close();
    times.close();
    ears.close();
    inbox.clear();
    readAsAllowed();
    ServerLink held = server;
    server = null;
    Pool from = pool;
    if (from != null) {
      from.left(this);
    }
    if (held != null) {
      held.abandoned(session.leavesState(), requests.midMessage());
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

  /** What its account does; there is one once it has logged in. */
  Figures figures() {
    return Objects.requireNonNull(pool).figures;
  }

  /** Neither in a transaction nor in the midst of anything else. */
  boolean isIdle() {
    return loggedIn && !processing && !seen.running() && !requests.lostBlock();
  }

  ClientTimes times() {
    return times;
  }
}
