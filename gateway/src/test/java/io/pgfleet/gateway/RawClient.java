package io.pgfleet.gateway;

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
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** A client that sends exactly the messages a test wants. */
final class RawClient implements AutoCloseable {
  record Message(char type, byte[] body) {
    String text() {
      return new String(body, StandardCharsets.UTF_8);
    }

    ServerReport report() {
      return ServerReport.decode(ByteBuffer.wrap(body));
    }

    /** Type, and for errors the code, for ReadyForQuery the status, for a tag the tag. */
    String brief() {
      return switch (type) {
        case 'E' -> "E:" + report().sqlState();
        case 'Z' -> "Z" + (char) body[0];
        case 'C' -> "C:" + text().substring(0, body.length - 1);
        case 'D' -> "D:" + row();
        default -> String.valueOf(type);
      };
    }

    private String row() {
      ByteBuffer buffer = ByteBuffer.wrap(body);
      List<String> columns = new ArrayList<>();
      for (int count = buffer.getShort(); count > 0; count--) {
        int length = buffer.getInt();
        byte[] value = new byte[Math.max(0, length)];
        buffer.get(value);
        columns.add(length < 0 ? "null" : new String(value, StandardCharsets.UTF_8));
      }
      return String.join(",", columns);
    }
  }

  final Map<String, String> parameters = new LinkedHashMap<>();
  private Socket socket;
  private DataInputStream in;
  int process;
  byte[] secret = {};

  RawClient(InetSocketAddress address) throws IOException {
    socket = new Socket();
    socket.connect(address, 5000);
    socket.setSoTimeout(20_000);
    socket.setTcpNoDelay(true);
    in = new DataInputStream(socket.getInputStream());
  }

  /** Goes on by TLS, at once or after the answer to an SSLRequest. */
  void tls(SSLContext context, String... alpn) throws IOException {
    SSLSocket wrapped =
        (SSLSocket) context.getSocketFactory().createSocket(socket, "localhost", 0, true);
    SSLParameters parameters = wrapped.getSSLParameters();
    parameters.setApplicationProtocols(alpn);
    wrapped.setSSLParameters(parameters);
    wrapped.startHandshake();
    socket = wrapped;
    in = new DataInputStream(socket.getInputStream());
  }

  static RawClient login(InetSocketAddress address, String... startup) throws IOException {
    RawClient client = new RawClient(address);
    client.startup("app", "app", startup);
    client.authenticate("app");
    return client;
  }

  void startup(String user, String database, String... more) throws IOException {
    startup(Protocol.VERSION_3_0, user, database, more);
  }

  void startup(int version, String user, String database, String... more) throws IOException {
    var body = new ByteArrayOutputStream();
    body.writeBytes(ByteBuffer.allocate(4).putInt(version).array());
    for (String text : new String[] {"user", user, "database", database}) {
      body.writeBytes(Messages.zeroEnded(text));
    }
    for (String text : more) {
      body.writeBytes(Messages.zeroEnded(text));
    }
    body.write(0);
    send(
        ByteBuffer.allocate(4 + body.size())
            .putInt(4 + body.size())
            .put(body.toByteArray())
            .array());
  }

  /** Goes on to ReadyForQuery, or gives the error that came instead. */
  String authenticate(String password) throws IOException {
    ScramClient scram = ScramClient.withPassword(password);
    while (true) {
      Message message = read();
      switch (message.type()) {
        case 'R' -> {
          try {
            authenticate(ByteBuffer.wrap(message.body()), scram);
          } catch (ScramException e) {
            throw new IOException(e);
          }
        }
        case 'S' -> {
          String[] pair = message.text().split("\0");
          parameters.put(pair[0], pair.length > 1 ? pair[1] : "");
        }
        case 'K' -> {
          ByteBuffer key = ByteBuffer.wrap(message.body());
          process = key.getInt();
          secret = new byte[key.remaining()];
          key.get(secret);
        }
        case 'E', 'Z' -> {
          return message.brief();
        }
        default -> {
          // notices, NegotiateProtocolVersion
        }
      }
    }
  }

  private void authenticate(ByteBuffer body, ScramClient scram) throws IOException, ScramException {
    int kind = body.getInt();
    byte[] rest = new byte[body.remaining()];
    body.get(rest);
    String text = new String(rest, StandardCharsets.UTF_8);
    if (kind == Protocol.Authentication.SASL) {
      byte[] name = Messages.zeroEnded(ScramClient.MECHANISM);
      byte[] first = scram.first().getBytes(StandardCharsets.UTF_8);
      send(
          Messages.of(
              (byte) 'p',
              ByteBuffer.allocate(name.length + 4 + first.length)
                  .put(name)
                  .putInt(first.length)
                  .put(first)
                  .array()));
    } else if (kind == Protocol.Authentication.SASL_CONTINUE) {
      send(Messages.of((byte) 'p', scram.respond(text).getBytes(StandardCharsets.UTF_8)));
    }
  }

  void send(byte[]... messages) throws IOException {
    var all = new ByteArrayOutputStream();
    for (byte[] message : messages) {
      all.writeBytes(message);
    }
    socket.getOutputStream().write(all.toByteArray());
  }

  Message read() throws IOException {
    char type = (char) in.readByte();
    byte[] body = new byte[in.readInt() - 4];
    in.readFully(body);
    return new Message(type, body);
  }

  String bytes(int count) throws IOException {
    return new String(in.readNBytes(count), StandardCharsets.US_ASCII);
  }

  /** Reads up to a number of ReadyForQuery; briefs of all but ParameterStatus and notices. */
  List<String> untilReady(int count) throws IOException {
    List<String> briefs = new ArrayList<>();
    int left = count;
    while (left > 0) {
      Message message = read();
      if (message.type() == 'S') {
        String[] pair = message.text().split("\0");
        parameters.put(pair[0], pair.length > 1 ? pair[1] : "");
      } else if (message.type() != 'N') {
        briefs.add(message.brief());
      }
      left -= message.type() == 'Z' ? 1 : 0;
    }
    return briefs;
  }

  List<String> query(String sql) throws IOException {
    send(Messages.query(sql));
    return untilReady(1);
  }

  boolean atEnd() throws IOException {
    return in.read() < 0;
  }

  static byte[] parse(String name, String sql) {
    return message('P', name + "\0" + sql + "\0\0\0");
  }

  static byte[] bind(String statement) {
    return message('B', "\0" + statement + "\0\0\0\0\0\0\0");
  }

  static byte[] describe(String statement) {
    return message('D', "S" + statement + "\0");
  }

  static byte[] execute() {
    return message('E', "\0\0\0\0\0");
  }

  static byte[] closeStatement(String statement) {
    return message('C', "S" + statement + "\0");
  }

  static byte[] flush() {
    return message('H', "");
  }

  static byte[] sync() {
    return Messages.SYNC;
  }

  static byte[] message(char type, String body) {
    return Messages.of((byte) type, body.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
