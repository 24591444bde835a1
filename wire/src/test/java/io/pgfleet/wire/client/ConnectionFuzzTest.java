package io.pgfleet.wire.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Bytes that no server sends, and those of one that dies in the middle of a message. */
class ConnectionFuzzTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);

  @Test
  void randomBytesEndInAnErrorAndNeverHang() throws Exception {
    for (int seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      byte[] noise = new byte[random.nextInt(2_000)];
      random.nextBytes(noise);
      survive(random.nextBoolean() ? noise : join(login(), noise), "seed " + seed);
    }
  }

  @Test
  void wellFormedMessagesOutOfPlaceEndInAnError() throws Exception {
    byte[] types = "RKZTDCIGHWdcEANS123sntvV!".getBytes(StandardCharsets.US_ASCII);
    for (int seed = 0; seed < 600; seed++) {
      Random random = new Random(seed);
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      bytes.writeBytes(login());
      for (int i = random.nextInt(8); i >= 0; i--) {
        byte[] body = new byte[random.nextInt(30)];
        if (random.nextBoolean()) {
          random.nextBytes(body);
        }
        bytes.writeBytes(message(types[random.nextInt(types.length)], body));
      }
      survive(bytes.toByteArray(), "seed " + seed);
    }
  }

  @Test
  void everyTruncationOfAnAnswerEndsInAnError() throws Exception {
    byte[] whole = join(login(), answer());
    for (int length = 0; length < whole.length; length++) {
      survive(Arrays.copyOf(whole, length), "length " + length);
    }
  }

  @Test
  void aFlippedByteNeverEscapesAsAnotherException() throws Exception {
    byte[] whole = join(login(), answer());
    for (int seed = 0; seed < 500; seed++) {
      Random random = new Random(seed);
      byte[] bent = whole.clone();
      bent[random.nextInt(bent.length)] = (byte) random.nextInt(256);
      survive(bent, "seed " + seed);
    }
  }

  @Test
  void aLongMessageIsRefusedBeforeItIsRead() throws Exception {
    byte[] head = {'D', 0x7F, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF};
    try (FakeServer server = new FakeServer(join(login(), head))) {
      try (Connection connection = Connection.open(server.settings())) {
        assertThatThrownBy(() -> connection.query("select 1"))
            .isInstanceOf(IOException.class)
            .hasMessageContaining("'D' of 2147483647 bytes");
        assertThat(connection.isBroken()).isTrue();
      }
    }
  }

  @Test
  void passwordsInClearTextAndMd5AreRefused() throws Exception {
    for (byte method : new byte[] {3, 5}) {
      byte[] request = message((byte) 'R', new byte[] {0, 0, 0, method, 1, 2, 3, 4});
      try (FakeServer server = new FakeServer(request)) {
        assertThatThrownBy(() -> Connection.open(server.settings()))
            .isInstanceOf(PostgresException.class)
            .hasMessageContaining("which pgfleet does not send");
      }
    }
  }

  @Test
  void aServerThatSkipsItsProofIsRefused() throws Exception {
    byte[] sasl =
        join(new byte[] {0, 0, 0, 10}, "SCRAM-SHA-256\0\0".getBytes(StandardCharsets.US_ASCII));
    byte[] bytes = join(message((byte) 'R', sasl), login());
    try (FakeServer server = new FakeServer(bytes)) {
      assertThatThrownBy(() -> Connection.open(server.settings()))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("without its proof");
    }
  }

  /** Whatever the bytes are: a result, or one of the two exceptions, and within the timeout. */
  private static void survive(byte[] bytes, String what) throws Exception {
    try (FakeServer server = new FakeServer(bytes)) {
      try (Connection connection = Connection.open(server.settings())) {
        connection.query("select 1");
        connection.query("select $1", "1");
      } catch (IOException | PostgresException expected) {
        assertThat(expected.getMessage()).as(what).isNotEmpty().doesNotContain("silent");
      } catch (RuntimeException | Error e) {
        throw new AssertionError(what, e);
      }
    }
  }

  private static byte[] login() throws IOException {
    return join(
        message((byte) 'R', new byte[4]),
        join(
            message((byte) 'K', new byte[] {0, 0, 0, 1, 0, 0, 0, 2}),
            message((byte) 'Z', new byte[] {'I'})));
  }

  private static byte[] answer() throws IOException {
    ByteArrayOutputStream columns = new ByteArrayOutputStream();
    columns.writeBytes(new byte[] {0, 1, 'a', 0});
    columns.writeBytes(new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 25, -1, -1, -1, -1, -1, -1, 0, 0});
    return join(
        join(
            message((byte) 'T', columns.toByteArray()),
            message((byte) 'D', new byte[] {0, 1, 0, 0, 0, 1, 'x'})),
        join(
            message((byte) 'C', "SELECT 1\0".getBytes(StandardCharsets.US_ASCII)),
            message((byte) 'Z', new byte[] {'I'})));
  }

  private static byte[] message(byte type, byte[] body) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeByte(type);
    out.writeInt(body.length + Integer.BYTES);
    out.write(body);
    return bytes.toByteArray();
  }

  private static byte[] join(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  /** Sends its bytes to the first client, reads what the client says, and hangs up. */
  private static final class FakeServer implements AutoCloseable {
    private final ServerSocket listening;
    private final Thread thread;

    FakeServer(byte[] bytes) throws IOException {
      listening = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
      thread = Thread.ofVirtual().start(() -> serve(bytes));
    }

    private void serve(byte[] bytes) {
      try (Socket socket = listening.accept()) {
        OutputStream out = socket.getOutputStream();
        out.write(bytes);
        out.flush();
        socket.shutdownOutput();
        socket.getInputStream().transferTo(OutputStream.nullOutputStream());
      } catch (IOException ignored) {
        // the client went first
      }
    }

    ConnectSettings settings() {
      return ConnectSettings.of("127.0.0.1", listening.getLocalPort(), "db", "user")
          .withPassword("secret")
          .withTimeouts(TIMEOUT, TIMEOUT);
    }

    @Override
    public void close() throws IOException {
      listening.close();
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
