package io.pgfleet.wire.client;

import io.pgfleet.wire.Protocol;
import io.pgfleet.wire.Protocol.Backend;
import io.pgfleet.wire.Protocol.Frontend;
import io.pgfleet.wire.ServerReport;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ProtocolException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A connection to a PostgreSQL server or to what speaks its protocol. One thread at a time may use
 * it; {@link #cancel}, {@link #close} and the readers of its state may be called from any. After an
 * {@link IOException} it is usually broken ({@link #isBroken}); after a {@link PostgresException}
 * it is usually not.
 */
public final class Connection implements AutoCloseable {
  private static final ResultListener NO_LISTENER = new ResultListener() {};

  private final ConnectSettings settings;
  private final Line line;
  private final Socket socket;
  private final MessageReader reader;
  private final MessageWriter writer;
  private final Session session = new Session();
  private volatile Consumer<ServerReport> notices = report -> {};
  private volatile boolean broken;
  private volatile boolean busy;

  private Connection(ConnectSettings settings, Line line) throws IOException {
    this.settings = settings;
    this.line = line;
    this.socket = line.socket();
    this.reader = new MessageReader(socket.getInputStream(), settings.maxMessageLength());
    this.writer = new MessageWriter(socket.getOutputStream());
  }

  /**
   * Connects and logs in.
   *
   * @throws IOException if the server can't be reached or breaks the protocol; the message names it
   * @throws PostgresException if the server refuses, or asks for a login that is not SCRAM-SHA-256
   */
  public static Connection open(ConnectSettings settings) throws IOException, PostgresException {
    Line line = Dialer.dial(settings);
    try {
      Connection connection = new Connection(settings, line);
      connection.start();
      return connection;
    } catch (SocketTimeoutException e) {
      line.close();
      throw new IOException(
          "the server at "
              + settings.host()
              + ":"
              + settings.port()
              + " accepted the connection but did not answer within "
              + settings.connectTimeout().toMillis()
              + " ms",
          e);
    } catch (IOException e) {
      line.close();
      throw new IOException(
          "the login at " + settings.host() + ":" + settings.port() + " failed: " + e.getMessage(),
          e);
    } catch (PostgresException | RuntimeException | Error e) {
      line.close();
      throw e;
    }
  }

  private void start() throws IOException, PostgresException {
    socket.setSoTimeout(Dialer.millis(settings.connectTimeout()));
    new Login(settings, reader, writer).run();
    while (true) {
      byte type = reader.next();
      Body body = reader.body();
      if (session.accept(type, body, NO_LISTENER)) {
        continue;
      }
      switch (type) {
        case Backend.BACKEND_KEY_DATA -> session.key(body);
        case Backend.ERROR_RESPONSE -> throw new PostgresException(body.report());
        case Backend.READY_FOR_QUERY -> {
          session.ready(body);
          socket.setSoTimeout(Dialer.millis(settings.socketTimeout()));
          return;
        }
        default ->
            throw new ProtocolException(
                "the server sent a message " + MessageReader.name(type) + " out of place");
      }
    }
  }

  /**
   * Runs one or more statements by the simple protocol, as one transaction unless they say
   * otherwise, and keeps their whole results in memory.
   *
   * @throws PostgresException the first error; earlier results are dropped
   */
  public List<Result> query(String sql) throws IOException, PostgresException {
    CollectingListener listener = new CollectingListener(notices);
    run(sql, listener);
    return listener.results();
  }

  /** Runs one statement with parameters {@code $1}, {@code $2}, ... as text or null. */
  public Result query(String sql, @Nullable String... parameters)
      throws IOException, PostgresException {
    claim();
    if (parameters.length > 65_535) {
      throw new IllegalArgumentException("a statement takes at most 65535 parameters");
    }
    writer.begin(Frontend.PARSE).text("").text(sql).int16(0).end();
    writer.begin(Frontend.BIND).text("").text("").int16(0).int16(parameters.length);
    for (String parameter : parameters) {
      writer.value(parameter);
    }
    writer.int16(0).end();
    writer.begin(Frontend.DESCRIBE).int8('P').text("").end();
    writer.begin(Frontend.EXECUTE).text("").int32(0).end();
    writer.begin(Frontend.SYNC).end();
    CollectingListener listener = new CollectingListener(notices);
    exchange(listener, true);
    return listener.results().getFirst();
  }

  /** Runs a command by the simple protocol and hands its answers on as they come. */
  public void run(String sql, ResultListener listener) throws IOException, PostgresException {
    claim();
    writer.begin(Frontend.QUERY).text(sql).end();
    exchange(listener, false);
  }

  /**
   * Runs a COPY FROM STDIN.
   *
   * @param source read to its end, not closed
   * @return rows copied
   */
  public long copyIn(String sql, InputStream source) throws IOException, PostgresException {
    CopyListener listener = new CopyListener(source, null, notices);
    run(sql, listener);
    return listener.rows();
  }

  /**
   * Runs a COPY TO STDOUT.
   *
   * @param sink flushed, not closed; the connection is closed if it fails
   * @return rows copied
   */
  public long copyOut(String sql, OutputStream sink) throws IOException, PostgresException {
    CopyListener listener = new CopyListener(null, sink, notices);
    run(sql, listener);
    sink.flush();
    return listener.rows();
  }

  private void claim() throws IOException {
    if (broken) {
      throw new IOException(place() + " is closed");
    }
    if (busy) {
      throw new IllegalStateException(place() + " still runs another command");
    }
  }

  private void exchange(ResultListener listener, boolean extended)
      throws IOException, PostgresException {
    busy = true;
    Exchange exchange = new Exchange(reader, writer, session, listener, extended);
    try {
      send();
      exchange.run();
      busy = false;
    } catch (PostgresException e) {
      busy = false;
      if (!exchange.complete()) {
        abort();
      }
      Throwable sourceFailure = exchange.sourceFailure();
      if (sourceFailure != null) {
        throw new IOException("cannot read the data to copy: " + sourceFailure.getMessage(), e);
      }
      throw e;
    } catch (SocketTimeoutException e) {
      abort();
      throw new IOException(place() + " was silent for longer than the timeout", e);
    } catch (ProtocolException e) {
      abort();
      throw new IOException(place() + " was closed: " + e.getMessage(), e);
    } catch (IOException | RuntimeException | Error e) {
      abort();
      throw e;
    }
  }

  private void send() throws IOException, PostgresException {
    try {
      writer.flush();
    } catch (IOException e) {
      ServerReport report = lastWords();
      if (report != null) {
        throw new PostgresException(report);
      }
      throw e;
    }
  }

  /** Why the server hung up, if its report is already here. */
  private @Nullable ServerReport lastWords() {
    try {
      while (reader.hasBuffered()) {
        if (reader.next() == Backend.ERROR_RESPONSE) {
          return reader.body().report();
        }
      }
    } catch (IOException ignored) {
      return null;
    }
    return null;
  }

  private String place() {
    return "the connection to " + settings.host() + ":" + settings.port();
  }

  private void abort() {
    broken = true;
    try {
      line.close();
    } catch (IOException ignored) {
      // there is nothing left to lose
    }
  }

  /**
   * Asks the server to cancel the running command, over a second connection (PostgreSQL manual,
   * 'Canceling Requests in Progress'). Whether it was in time shows only in the command's answer.
   *
   * @throws IOException if the request can't be sent, or the server gave no key to cancel with
   */
  public void cancel() throws IOException {
    Session.BackendKey key = session.key();
    if (key == null) {
      throw new IOException("the server gave no key to cancel its commands with");
    }
    try (Line another = Dialer.dial(settings)) {
      Socket second = another.socket();
      second.setSoTimeout(Dialer.millis(settings.connectTimeout()));
      MessageWriter request = new MessageWriter(second.getOutputStream());
      request.beginUntyped().int32(Protocol.CANCEL_REQUEST).int32(key.processId());
      request.bytes(key.secret()).end().flush();
      // The server closes once it has acted, so that a later command can't be hit by mistake.
      if (second.getInputStream().read() >= 0) {
        throw new IOException("the server answered a cancel request");
      }
    }
  }

  /** The settings it was opened with. */
  public ConnectSettings settings() {
    return settings;
  }

  /** The run-time parameters that the server reports, such as {@code server_version}. */
  public Map<String, String> parameters() {
    return session.parameters();
  }

  /** Where the last command left the connection. */
  public TransactionState transactionState() {
    return session.state();
  }

  /** The server's process for this connection, 0 if it gave none. */
  public int processId() {
    Session.BackendKey key = session.key();
    return key == null ? 0 : key.processId();
  }

  /** Takes the notifications that came with the answers to earlier commands. */
  public List<Notification> takeNotifications() {
    return session.takeNotifications();
  }

  /** Where notices go of commands that have no {@link ResultListener} of their own. */
  public void onNotice(Consumer<ServerReport> listener) {
    notices = listener;
  }

  /** Bounds each wait for bytes; zero waits without bound. */
  public void setSocketTimeout(Duration timeout) throws IOException {
    socket.setSoTimeout(Dialer.millis(timeout));
  }

  /** Whether it can run nothing more. */
  public boolean isBroken() {
    return broken;
  }

  /**
   * Says goodbye if the connection is idle, and closes it in any case. Waits for nobody: a thread
   * that uses it gets an {@link IOException}.
   */
  @Override
  public void close() {
    if (!broken && !busy) {
      try {
        writer.begin(Frontend.TERMINATE).end().flush();
      } catch (IOException ignored) {
        // the server has gone first
      }
    }
    abort();
  }
}
