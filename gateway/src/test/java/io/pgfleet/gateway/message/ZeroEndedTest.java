package io.pgfleet.gateway.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class ZeroEndedTest {
  @Test
  void theFirstZeroIsFoundWhereverItIs() throws Exception {
    Random random = new Random(3);
    for (int round = 0; round < 20_000; round++) {
      byte[] bytes = new byte[1 + random.nextInt(40)];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = (byte) (random.nextInt(8) == 0 ? random.nextInt(3) : random.nextInt(256));
      }
      int from = random.nextInt(bytes.length);
      int end = from + random.nextInt(bytes.length - from + 1);
      int expected = from;
      while (expected < end && bytes[expected] != 0) {
        expected++;
      }
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      if (expected < end) {
        assertThat(ZeroEnded.end(buffer, from, end)).isEqualTo(expected);
      } else {
        assertThatThrownBy(() -> ZeroEnded.end(buffer, from, end))
            .isInstanceOf(ProtocolViolation.class);
      }
    }
  }
}
