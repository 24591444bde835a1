package io.pgfleet.parity.soak;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.pgfleet.gateway.message.Messages;
import io.pgfleet.wire.Protocol;
import io.pgfleet.wire.ServerReport;
import io.pgfleet.wire.scram.ScramClient;
import io.pgfleet.wire.scram.ScramException;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A connection on which any bytes may be sent at any time. */
final class RawConnection implements AutoCloseable {
  private static final int CONNECT_MILLIS = 10_000;
  private static final int SILENCE_MILLIS = 60_000;

  private final Socket socket = new Socket();
  private final DataInputStream in;
  private final InetSocketAddress address;
  final Map<String, String> parameters = new HashMap<>();
  final List<String> notifications = new ArrayList<>();
  private int process;
  private int secret;

  private RawConnection(InetSocketAddress address) throws IOException {
    this.address = address;
    socket.connect(address, CONNECT_MILLIS);
    socket.setSoTimeout(SILENCE_MILLIS);
    socket.setTcpNoDelay(true);
    in = new DataInputStream(new java.io.BufferedInputStream(socket.getInputStream(), 32 << 10));
  }

  /** Without a login. */
  static RawConnection plain(InetSocketAddress address) throws IOException {
    return new RawConnection(address);
  }

  /** Logged in as a user whose database and password are its name. */
  static RawConnection login(InetSocketAddress address, String user, String applicationName)
      throws IOException {
    RawConnection connection = new RawConnection(address);
    try {
      connection.send(startup(user, applicationName));
      connection.authenticate(user);
      return connection;
    } catch (IOException e) {
      connection.close();
      throw e;
    }
  }

  static byte[] startup(String user, String applicationName) {
    var body = new ByteArrayOutputStream();
    body.writeBytes(ByteBuffer.allocate(4).putInt(Protocol.VERSION_3_0).array());
    for (String text :
        List.of("user", user, "database", user, "application_name", applicationName)) {
      body.writeBytes(Messages.zeroEnded(text));
    }
    body.write(0);
    return ByteBuffer.allocate(4 + body.size())
        .putInt(4 + body.size())
        .put(body.toByteArray())
        .array();
  }

  private void authenticate(String password) throws IOException {
    ScramClient scram = ScramClient.withPassword(password);
    while (true) {
      char type = (char) in.readByte();
      ByteBuffer body = ByteBuffer.wrap(body());
      switch (type) {
        case 'R' -> answer(body, scram);
        case 'K' -> {
          process = body.getInt();
          secret = body.getInt();
        }
        case 'Z' -> {
          return;
        }
        case 'E' -> throw new RefusedException(ServerReport.decode(body).sqlState());
        default -> note(type, body.array());
      }
    }
  }

  private void answer(ByteBuffer body, ScramClient scram) throws IOException {
    int kind = body.getInt();
    String text = UTF_8.decode(body).toString();
    try {
      if (kind == Protocol.Authentication.SASL) {
        byte[] name = Messages.zeroEnded(ScramClient.MECHANISM);
        byte[] first = scram.first().getBytes(UTF_8);
        send(
            Messages.of(
                Protocol.Frontend.PASSWORD,
                ByteBuffer.allocate(name.length + 4 + first.length)
                    .put(name)
                    .putInt(first.length)
                    .put(first)
                    .array()));
      } else if (kind == Protocol.Authentication.SASL_CONTINUE) {
        send(Messages.of(Protocol.Frontend.PASSWORD, scram.respond(text).getBytes(UTF_8)));
      }
    } catch (ScramException e) {
      throw new IOException(e);
    }
  }

  /** The gateway's word that ends a connection. */
  static final class RefusedException extends IOException {
    private static final long serialVersionUID = 1L;
    private final String sqlState;

    RefusedException(String sqlState) {
      super("the connection was ended with " + sqlState);
      this.sqlState = sqlState;
    }

    String sqlState() {
      return sqlState;
    }
  }

  void send(byte[]... messages) throws IOException {
    var all = new ByteArrayOutputStream();
    for (byte[] message : messages) {
      all.writeBytes(message);
    }
    socket.getOutputStream().write(all.toByteArray());
  }

  private byte[] body() throws IOException {
    byte[] body = new byte[in.readInt() - 4];
    in.readFully(body);
    return body;
  }

  private void note(char type, byte[] body) {
    if (type == 'S') {
      String[] pair = new String(body, UTF_8).split("\0", -1);
      parameters.put(pair[0], pair[1]);
    } else if (type == 'A') {
      String[] parts = new String(body, 4, body.length - 4, UTF_8).split("\0", -1);
      notifications.add(parts[0] + "=" + parts[1]);
    }
  }

  /** The next message that is no parameter, notice or notification. */
  Answer read() throws IOException {
    while (true) {
      char type = (char) in.readByte();
      byte[] body = body();
      switch (type) {
        case 'S', 'A', 'N' -> note(type, body);
        case 'E' -> {
          ServerReport report = ServerReport.decode(ByteBuffer.wrap(body));
          if (report.severity().equals("FATAL")) {
            throw new RefusedException(report.sqlState());
          }
          return new Answer(type, report.sqlState(), report.message());
        }
        case 'Z' -> {
          return new Answer(type, String.valueOf((char) body[0]));
        }
        case 'C' -> {
          return new Answer(type, new String(body, 0, body.length - 1, UTF_8));
        }
        case 'D' -> {
          return new Answer(type, firstValue(ByteBuffer.wrap(body)));
        }
        case 'd' -> {
          return new Answer(type, new String(body, UTF_8));
        }
        default -> {
          return new Answer(type, "");
        }
      }
    }
  }

  private static String firstValue(ByteBuffer row) {
    if (row.getShort() == 0) {
      return "";
    }
    int length = row.getInt();
    byte[] value = new byte[Math.max(0, length)];
    row.get(value);
    return length < 0 ? "null" : new String(value, UTF_8);
  }

  /** All up to as many ReadyForQuery. */
  List<Answer> untilReady(int count) throws IOException {
    List<Answer> answers = new ArrayList<>();
    int left = count;
    while (left > 0) {
      Answer answer = read();
      answers.add(answer);
      left -= answer.type() == 'Z' ? 1 : 0;
    }
    return answers;
  }

  /** Sends a CancelRequest, with this secret or with one that differs by as much. */
  void cancel(int wrongBy) throws IOException {
    try (Socket other = new Socket()) {
      other.connect(address, CONNECT_MILLIS);
      other.setSoTimeout(SILENCE_MILLIS);
      byte[] key = ByteBuffer.allocate(Integer.BYTES).putInt(secret + wrongBy).array();
      other.getOutputStream().write(Messages.cancel(process, key));
      // its end says that the request was taken
      other.getInputStream().transferTo(java.io.OutputStream.nullOutputStream());
    }
  }

  /** Ends it as a process that is killed does, or with a reset. */
  void abandon(boolean reset) throws IOException {
    if (reset) {
      socket.setSoLinger(true, 0);
    }
    socket.close();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
