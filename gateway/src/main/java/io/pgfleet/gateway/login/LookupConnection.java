package io.pgfleet.gateway.login;

import io.pgfleet.gateway.message.Messages;
import io.pgfleet.wire.Protocol;
import io.pgfleet.wire.ServerReport;
import io.pgfleet.wire.scram.ScramClient;
import io.pgfleet.wire.scram.ScramException;
import io.pgfleet.wire.scram.ScramVerifier;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** A blocking connection to the primary that calls {@code pgfleet.user_verifier}. */
public final class LookupConnection implements Verifiers.Question {
  private static final int MAX_MESSAGE = 1 << 20;

  /** Who logs in, and where to. */
  public record Account(String database, String user, String password) {
    @Override
    public String toString() {
      return "Account[database=" + database + ", user=" + user + "]";
    }
  }

  private record Message(byte type, ByteBuffer body) {}

  private final Socket socket;
  private final DataInputStream in;
  private final OutputStream out;
  private final BooleanSupplier current;

  private LookupConnection(Socket socket, BooleanSupplier current) throws IOException {
    this.socket = socket;
    this.current = current;
    this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
    this.out = socket.getOutputStream();
  }

  /**
   * Connects and logs in.
   *
   * @param timeout of each wait for the server
   * @param current whether the address still is that of the primary
   * @throws IOException if the server can't be reached or refuses
   */
  public static LookupConnection open(
      InetSocketAddress address, Account account, Duration timeout, BooleanSupplier current)
      throws IOException {
    Socket socket = new Socket();
    try {
      socket.connect(address, (int) timeout.toMillis());
      socket.setSoTimeout((int) timeout.toMillis());
      socket.setTcpNoDelay(true);
      LookupConnection connection = new LookupConnection(socket, current);
      connection.login(account);
      return connection;
    } catch (IOException | RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  private void login(Account account) throws IOException {
    byte[] parameters =
        Messages.zeroEnded(
            "user\0"
                + account.user()
                + "\0database\0"
                + account.database()
                + "\0application_name\0pgfleet gateway\0client_encoding\0UTF8\0");
    out.write(
        ByteBuffer.allocate(8 + parameters.length)
            .putInt(8 + parameters.length)
            .putInt(Protocol.VERSION_3_0)
            .put(parameters)
            .array());
    ScramClient scram = ScramClient.withPassword(account.password());
    while (true) {
      Message message = read();
      if (message.type() == Protocol.Backend.READY_FOR_QUERY) {
        return;
      }
      if (message.type() == Protocol.Backend.AUTHENTICATION) {
        try {
          authenticate(message.body(), scram);
        } catch (ScramException e) {
          throw new IOException("the lookup account can't log in: " + e.getMessage(), e);
        }
      }
    }
  }

  private void authenticate(ByteBuffer body, ScramClient scram) throws IOException, ScramException {
    switch (body.getInt()) {
      case Protocol.Authentication.OK -> {
        // ReadyForQuery will follow
      }
      case Protocol.Authentication.SASL -> {
        byte[] first = scram.first().getBytes(StandardCharsets.UTF_8);
        byte[] name = Messages.zeroEnded(ScramClient.MECHANISM);
        byte[] response =
            ByteBuffer.allocate(name.length + 4 + first.length)
                .put(name)
                .putInt(first.length)
                .put(first)
                .array();
        out.write(Messages.of(Protocol.Frontend.PASSWORD, response));
      }
      case Protocol.Authentication.SASL_CONTINUE -> {
        byte[] response = scram.respond(text(body)).getBytes(StandardCharsets.UTF_8);
        out.write(Messages.of(Protocol.Frontend.PASSWORD, response));
      }
      case Protocol.Authentication.SASL_FINAL -> scram.verify(text(body));
      default -> throw new IOException("the server asks for a login other than SCRAM-SHA-256");
    }
  }

  @Override
  public Optional<ScramVerifier> ask(String user) throws IOException {
    // A zero byte can't be in a start-up parameter, and E'' escapes are read the same everywhere.
    String literal = "E'" + user.replace("\\", "\\\\").replace("'", "''") + "'";
    out.write(Messages.query("SELECT pgfleet.user_verifier(" + literal + ")"));
    String verifier = null;
    while (true) {
      Message message = read();
      switch (message.type()) {
        case Protocol.Backend.DATA_ROW -> verifier = firstColumn(message.body());
        case Protocol.Backend.READY_FOR_QUERY -> {
          return parse(verifier);
        }
        default -> {
          // the row's description and the tag
        }
      }
    }
  }

  private static Optional<ScramVerifier> parse(@Nullable String verifier) {
    try {
      return Optional.ofNullable(verifier).map(ScramVerifier::parse);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static @Nullable String firstColumn(ByteBuffer row) {
    row.getShort();
    int length = row.getInt();
    if (length < 0) {
      return null;
    }
    byte[] value = new byte[length];
    row.get(value);
    return new String(value, StandardCharsets.UTF_8);
  }

  private Message read() throws IOException {
    byte type = in.readByte();
    int length = in.readInt();
    if (length < 4 || length > MAX_MESSAGE) {
      throw new IOException("the server sent a message of " + length + " bytes");
    }
    byte[] body = new byte[length - 4];
    in.readFully(body);
    if (type == Protocol.Backend.ERROR_RESPONSE) {
      ServerReport report = ServerReport.decode(ByteBuffer.wrap(body));
      throw new IOException(report.message());
    }
    return new Message(type, ByteBuffer.wrap(body));
  }

  private static String text(ByteBuffer body) {
    byte[] bytes = new byte[body.remaining()];
    body.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  @Override
  public boolean current() {
    return current.getAsBoolean();
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException ignored) {
      // nothing is lost with a socket that can't be closed
    }
  }
}
