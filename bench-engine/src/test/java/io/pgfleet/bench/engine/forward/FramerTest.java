package io.pgfleet.bench.engine.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class FramerTest {
  private static byte[] message(char type, String body) {
    byte[] text = body.getBytes(StandardCharsets.US_ASCII);
    return ByteBuffer.allocate(5 + text.length)
        .put((byte) type)
        .putInt(4 + text.length)
        .put(text)
        .array();
  }

  private static byte[] joined(byte[]... messages) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] message : messages) {
      all.writeBytes(message);
    }
    return all.toByteArray();
  }

  @Test
  void countsAreTheSameHoweverTheStreamIsCut() {
    byte[] stream =
        joined(message('C', "SELECT 1"), message('Z', "T"), message('D', ""), message('Z', "I"));
    for (int cut = 0; cut <= stream.length; cut++) {
      Framer framer = Framer.ofServer();
      framer.take(ByteBuffer.wrap(stream, 0, cut));
      int first = framer.counted();
      framer.take(ByteBuffer.wrap(stream, cut, stream.length - cut));
      assertThat(first + framer.counted()).as("cut at %d", cut).isEqualTo(2);
      assertThat(framer.status()).isEqualTo((byte) 'I');
      assertThat(framer.isBetweenMessages()).isTrue();
    }
  }

  @Test
  void aClientsQueriesAndSyncsAreCountedAndNothingElse() {
    Framer framer = Framer.ofClient();
    framer.take(
        ByteBuffer.wrap(
            joined(message('P', "x"), message('S', ""), message('Q', "Z"), message('Z', "Q"))));
    assertThat(framer.counted()).isEqualTo(2);
    assertThat(framer.counted()).isZero();
  }

  @Test
  void aMessageThatIsHalfWayIsSeen() {
    Framer framer = Framer.ofClient();
    framer.take(ByteBuffer.wrap(message('Q', "SELECT 1"), 0, 7));
    assertThat(framer.isBetweenMessages()).isFalse();
  }

  @Test
  void serversGoToWhoeverHasWaitedLongest() {
    Lending<String, String> lending = new Lending<>();
    assertThat(lending.giveBack("s1")).isNull();
    assertThat(lending.borrow("a")).isEqualTo("s1");
    assertThat(lending.borrow("b")).isNull();
    assertThat(lending.borrow("c")).isNull();
    lending.forget("b");
    assertThat(lending.giveBack("s1")).isEqualTo("c");
    assertThat(lending.giveBack("s1")).isNull();
  }
}
