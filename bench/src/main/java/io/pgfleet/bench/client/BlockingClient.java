package io.pgfleet.bench.client;

import io.pgfleet.bench.BenchException;
import io.pgfleet.wire.Protocol;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;

/** One connection that waits for its answers. */
public final class BlockingClient implements AutoCloseable {
  private static final int BUFFER = 1 << 16;
  private static final int LARGEST_KEPT = 1 << 14;

  /** A peer that is silent for so long is given up. */
  private static final Duration SILENCE = Duration.ofSeconds(60);

  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;
  private final byte[] buffer = new byte[BUFFER];
  private int position;
  private int limit;
  private long received;
  private byte type;
  private int left;

  private BlockingClient(Socket socket) throws IOException {
    this.socket = socket;
    this.in = socket.getInputStream();
    this.out = socket.getOutputStream();
  }

  /**
   * Connects to a port of 127.0.0.1 and logs in.
   *
   * @throws BenchException if that is refused
   */
  public static BlockingClient open(int port, ClientKeys keys) {
    Socket socket = new Socket();
    try {
      socket.setTcpNoDelay(true);
      socket.setSoTimeout((int) SILENCE.toMillis());
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      BlockingClient client = new BlockingClient(socket);
      client.login(new LoginDialogue(keys));
      return client;
    } catch (IOException e) {
      closeQuietly(socket);
      throw lost(e);
    } catch (BenchException e) {
      closeQuietly(socket);
      throw e;
    }
  }

  private void login(LoginDialogue dialogue) throws IOException {
    out.write(dialogue.startup());
    while (!dialogue.isReady()) {
      readHeader();
      out.write(dialogue.answer(type, readBody()));
    }
  }

  /**
   * Sends a query and reads its answer to the end.
   *
   * @return how many bytes the answer had
   * @throws BenchException if it is an error
   */
  public long ask(String sql) {
    try {
      out.write(Questions.query(sql));
      return untilReady();
    } catch (IOException e) {
      throw lost(e);
    }
  }

  /**
   * {@code COPY ... FROM STDIN} with the same data over and over.
   *
   * @param chunk sent as one CopyData message
   * @param times how often
   */
  public void copyIn(String sql, byte[] chunk, int times) {
    try {
      out.write(Questions.query(sql));
      readHeader();
      while (type != Protocol.Backend.COPY_IN_RESPONSE) {
        takeOrFail();
        readHeader();
      }
      skip();
      byte[] message = Questions.message(Protocol.Frontend.COPY_DATA, chunk);
      for (int i = 0; i < times; i++) {
        out.write(message);
      }
      out.write(Questions.message(Protocol.Frontend.COPY_DONE, new byte[0]));
      untilReady();
    } catch (IOException e) {
      throw lost(e);
    }
  }

  private long untilReady() throws IOException {
    long before = received;
    do {
      readHeader();
      takeOrFail();
    } while (type != Protocol.Backend.READY_FOR_QUERY);
    return received - before;
  }

  private void takeOrFail() throws IOException {
    if (type == Protocol.Backend.ERROR_RESPONSE) {
      throw LoginDialogue.failure(readBody());
    }
    skip();
  }

  private void readHeader() throws IOException {
    type = next();
    left = 0;
    for (int i = 0; i < 4; i++) {
      left = (left << 8) | (next() & 0xff);
    }
    left -= 4;
  }

  private byte next() throws IOException {
    if (position == limit) {
      fill();
    }
    return buffer[position++];
  }

  private void fill() throws IOException {
    int count = in.read(buffer);
    if (count < 0) {
      throw new IOException("the connection was closed");
    }
    received += count;
    position = 0;
    limit = count;
  }

  private void skip() throws IOException {
    while (left > 0) {
      if (position == limit) {
        fill();
      }
      int step = Math.min(left, limit - position);
      position += step;
      left -= step;
    }
  }

  private ByteBuffer readBody() throws IOException {
    if (left > LARGEST_KEPT) {
      throw new IOException("a message of " + left + " bytes where a short one was due");
    }
    byte[] body = new byte[left];
    for (int i = 0; i < body.length; i++) {
      body[i] = next();
    }
    left = 0;
    return ByteBuffer.wrap(body);
  }

  private static BenchException lost(IOException e) {
    return new BenchException("the connection is lost: " + e.getMessage(), "");
  }

  private static void closeQuietly(Socket socket) {
    try {
      socket.close();
    } catch (IOException ignored) {
      // it is given up anyway
    }
  }

  @Override
  public void close() {
    try {
      out.write(Questions.message(Protocol.Frontend.TERMINATE, new byte[0]));
    } catch (IOException ignored) {
      // it is over already
    }
    closeQuietly(socket);
  }
}
