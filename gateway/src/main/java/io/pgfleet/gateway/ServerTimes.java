package io.pgfleet.gateway;

import io.pgfleet.gateway.observe.Event;
import io.pgfleet.gateway.observe.Figures;
import io.pgfleet.gateway.observe.Latencies;
import io.pgfleet.gateway.observe.Route;
import io.pgfleet.gateway.topology.Primary;
import io.pgfleet.gateway.topology.Standby;
import io.pgfleet.wire.Protocol.TransactionStatus;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;

/**
 * Times what one server runs, by the loop's clock, and keeps the text of what runs where somebody
 * may want to read it. Allocates only when a line is to be written.
 */
final class ServerTimes {
  private static final int MOST_TEXT = 4096;
  private static final byte[] NO_TEXT = {};

  private final EventLoop loop;
  private final ServerLink server;

  /** The number of the connection in SHOW SERVERS. */
  final long id;

  final Figures figures;
  private final Route route;
  private final Latencies queries;
  private final Latencies transactions;
  private boolean running;
  private boolean captures;
  private long requestAt;
  private long transactionAt;
  private long waited;
  private long busy;
  private int requests;
  private boolean pipelined;
  private boolean told;
  private long rows;
  private String sqlState = "";
  private byte[] own = NO_TEXT;
  private byte[] text = NO_TEXT;
  private int textLength;
  private boolean textCut;

  ServerTimes(EventLoop loop, ServerLink server) {
    this.loop = loop;
    this.server = server;
    this.id = loop.fleet.nextId();
    this.figures = server.figures;
    this.route =
        switch (server.target) {
          case Primary primary -> Route.PRIMARY;
          case Standby standby -> Route.STANDBY;
        };
    this.queries = figures.queries(route);
    this.transactions = figures.transactions(route);
    this.requestAt = loop.now();
  }

  /** When the last request began; when the server was opened if there was none. */
  long requestAt() {
    return requestAt;
  }

  Route route() {
    return route;
  }

  /** Whether texts are wanted. */
  boolean captures() {
    return captures;
  }

  /** A client got this server after some wait. */
  void given(long wait) {
    waited = wait;
    figures.waits().record(wait);
  }

  /** A message of a client is about to be sent. */
  void request(byte status) {
    if (running) {
      pipelined |= server.exchange.readies() > 0;
      return;
    }
    running = true;
    pipelined = false;
    rows = 0;
    sqlState = "";
    requestAt = loop.now();
    if (status == TransactionStatus.IDLE) {
      beginTransaction();
    }
    ClientLink client = server.client();
    captures = loop.slowQuery() != Long.MAX_VALUE || (client != null && client.seen.traced());
  }

  private void beginTransaction() {
    transactionAt = loop.now();
    busy = 0;
    requests = 0;
    told = false;
  }

  /** What is sent, from a buffer that will be used again. */
  void text(ByteBuffer source, int from, int to, boolean cut) {
    int length = Math.min(MOST_TEXT, to - from);
    room(length);
    source.get(from, own, 0, length);
    text = own;
    textLength = length;
    textCut = cut || length < to - from;
  }

  /** What is sent: an array that may change later. */
  void copyText(byte[] parseBody, int length) {
    int kept = Math.min(MOST_TEXT, length);
    room(kept);
    System.arraycopy(parseBody, 0, own, 0, kept);
    text = own;
    textLength = kept;
    textCut = kept < length;
  }

  /** What is sent: an array that stays as it is, such as a prepared statement's. */
  void text(byte[] parseBody) {
    text = parseBody;
    textLength = Math.min(MOST_TEXT, parseBody.length);
    textCut = textLength < parseBody.length;
  }

  private void room(int length) {
    if (own.length < length) {
      own = new byte[Math.min(MOST_TEXT, Math.max(256, length * 2))];
    }
  }

  /** A command has ended with a tag whose last word may be a number of rows. */
  void tag(ByteBuffer source, int from, int to) {
    long count = 0;
    long factor = 1;
    for (int i = to - 2; i > from; i--) {
      byte c = source.get(i);
      if (c < '0' || c > '9' || factor > 1_000_000_000_000L) {
        break;
      }
      count += (c - '0') * factor;
      factor *= 10;
    }
    rows += count;
  }

  /** A request ended in an error. */
  void error(String state) {
    figures.error(state);
    sqlState = state;
  }

  /**
   * A ReadyForQuery has come.
   *
   * @param more whether other requests of the client are under way
   */
  void ready(byte status, boolean more) {
    long now = loop.now();
    long took = now - requestAt;
    queries.record(took);
    busy += took;
    requests++;
    if (captures) {
      look(now, took);
    }
    requestAt = now;
    if (status == TransactionStatus.IDLE) {
      transactions.record(now - transactionAt);
      if (captures) {
        lookAtTransaction(now);
      }
      waited = 0;
      beginTransaction();
    }
    running = more;
  }

  private void look(long now, long took) {
    ClientLink client = server.client();
    if (client != null) {
      boolean slow = took >= loop.slowQuery();
      if (slow) {
        told = true;
        write(Event.Cause.SLOW_STATEMENT, client, took, took);
      }
      if (client.seen.traces(now)) {
        write(Event.Cause.TRACED, client, took, took);
      }
    }
    rows = 0;
    sqlState = "";
  }

  /** A transaction may be slow although none of its statements was. */
  private void lookAtTransaction(long now) {
    ClientLink client = server.client();
    if (client != null && !told && now - transactionAt >= loop.slowQuery()) {
      write(Event.Cause.SLOW_TRANSACTION, client, now - transactionAt, busy);
    }
  }

  private void write(Event.Cause cause, ClientLink client, long took, long worked) {
    int end = 0;
    while (end < textLength && text[end] != 0) {
      end++;
    }
    boolean backslashes =
        server.session.parameters().get("standard_conforming_strings").equals("off");
    boolean cut = textCut && end == textLength;
    loop.fleet.events.offer(
        new Event.Ran(
            cause,
            Instant.now(),
            client.seen.who(),
            route,
            new Event.Times(
                Duration.ofNanos(took), Duration.ofNanos(worked), Duration.ofNanos(waited)),
            requests,
            pipelined,
            rows,
            sqlState,
            new Event.Text(Arrays.copyOf(text, end), cut, backslashes)));
  }
}
