package io.pgfleet.bench.clients;

import io.pgfleet.bench.BenchException;
import io.pgfleet.bench.client.ClientKeys;
import io.pgfleet.bench.client.LoginDialogue;
import io.pgfleet.wire.Protocol;
import io.pgfleet.wire.ServerReport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/** One client of a swarm: logs in, asks when told to, and knows when the answer is whole. */
final class SwarmClient {
  private static final byte[] NOTHING = {};

  /** What it is at. */
  enum Phase {
    CONNECTING,
    LOGGING_IN,
    ASKING,
    IDLE
  }

  final SocketChannel channel;
  final long opened;
  private @Nullable LoginDialogue login;
  private Phase phase = Phase.CONNECTING;
  private byte[] rest = NOTHING;
  private long asked;

  /**
   * A client whose connection is on its way.
   *
   * @param opened when it was begun, in nanoseconds of the swarm's clock
   */
  SwarmClient(SocketChannel channel, ClientKeys keys, long opened) {
    this.channel = channel;
    this.opened = opened;
    this.login = new LoginDialogue(keys);
  }

  Phase phase() {
    return phase;
  }

  /** When its statement was sent. */
  long asked() {
    return asked;
  }

  void connected() throws IOException {
    phase = Phase.LOGGING_IN;
    if (login != null) {
      send(login.startup());
    }
  }

  void ask(byte[] question, long now) throws IOException {
    phase = Phase.ASKING;
    asked = now;
    send(question);
  }

  /** All of it is short enough for a socket's buffer. */
  private void send(byte[] bytes) throws IOException {
    if (bytes.length > 0 && channel.write(ByteBuffer.wrap(bytes)) < bytes.length) {
      throw new IOException("the peer does not read");
    }
  }

  /**
   * Takes what has arrived.
   *
   * @return whether it has just become idle: logged in, or its answer whole
   * @throws BenchException if the answer is an error, with its SQLSTATE and words
   */
  boolean take(ByteBuffer arrived) throws IOException {
    ByteBuffer bytes = arrived;
    if (rest.length > 0) {
      bytes = ByteBuffer.allocate(rest.length + arrived.remaining());
      bytes.put(rest).put(arrived).flip();
    }
    boolean idle = false;
    while (bytes.remaining() >= Protocol.HEADER_SIZE) {
      int length = bytes.getInt(bytes.position() + 1);
      if (bytes.remaining() < 1 + length) {
        break;
      }
      byte type = bytes.get();
      ByteBuffer body = bytes.slice(bytes.position() + 4, length - 4);
      bytes.position(bytes.position() + length);
      idle |= message(type, body);
    }
    rest = NOTHING;
    if (bytes.hasRemaining()) {
      rest = new byte[bytes.remaining()];
      bytes.get(rest);
    }
    return idle;
  }

  private boolean message(byte type, ByteBuffer body) throws IOException {
    LoginDialogue dialogue = login;
    if (dialogue != null) {
      send(dialogue.answer(type, body));
      if (dialogue.isReady()) {
        // What a session keeps of its login would be the swarm's memory 10,000 times.
        login = null;
        phase = Phase.IDLE;
        return true;
      }
      return false;
    }
    if (type == Protocol.Backend.ERROR_RESPONSE) {
      ServerReport report = ServerReport.decode(body);
      throw new BenchException(report.sqlState() + " " + report.message(), "");
    }
    if (type == Protocol.Backend.READY_FOR_QUERY) {
      phase = Phase.IDLE;
      return true;
    }
    return false;
  }
}
