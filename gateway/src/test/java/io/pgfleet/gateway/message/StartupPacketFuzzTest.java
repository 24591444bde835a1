package io.pgfleet.gateway.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgfleet.wire.Protocol;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class StartupPacketFuzzTest {
  private static ByteBuffer packet(int code, String body) {
    byte[] bytes = body.getBytes(StandardCharsets.ISO_8859_1);
    return ByteBuffer.allocate(8 + bytes.length)
        .putInt(8 + bytes.length)
        .putInt(code)
        .put(bytes)
        .flip();
  }

  @Test
  void parametersAndProtocolOptionsAreTold() throws ProtocolViolation {
    ByteBuffer source = packet(Protocol.VERSION_3_2, "user\0a\0options\0\0_pq_.new\0" + "1\0\0");
    StartupPacket.Startup startup = (StartupPacket.Startup) StartupPacket.read(source);
    assertThat(startup.parameters()).containsEntry("user", "a").containsEntry("options", "");
    assertThat(startup.protocolOptions()).containsExactly("_pq_.new");
    assertThat(source.hasRemaining()).isFalse();
  }

  @Test
  void whatIsNoPacketIsRefused() {
    for (ByteBuffer bad :
        new ByteBuffer[] {
          packet(2 << 16, ""),
          packet(Protocol.VERSION_3_0, ""),
          packet(Protocol.VERSION_3_0, "user\0a"),
          packet(Protocol.VERSION_3_0, "user\0a\0\0more"),
          packet(Protocol.CANCEL_REQUEST, "1234567"),
          ByteBuffer.allocate(8).putInt(0, 7),
          ByteBuffer.allocate(8).putInt(0, Protocol.MAX_STARTUP_LENGTH + 1),
        }) {
      assertThatThrownBy(() -> StartupPacket.read(bad)).isInstanceOf(ProtocolViolation.class);
    }
  }

  @Test
  void randomBytesAreReadOrRefused() {
    Random random = new Random(1);
    int[] codes = {
      Protocol.VERSION_3_0, Protocol.VERSION_3_2, Protocol.CANCEL_REQUEST, Protocol.SSL_REQUEST
    };
    for (int i = 0; i < 5000; i++) {
      byte[] bytes = new byte[8 + random.nextInt(100)];
      random.nextBytes(bytes);
      for (int b = 8; b < bytes.length; b++) {
        bytes[b] = random.nextInt(3) == 0 ? 0 : bytes[b];
      }
      ByteBuffer source = ByteBuffer.wrap(bytes).putInt(0, bytes.length);
      source.putInt(4, codes[random.nextInt(codes.length)]);
      try {
        StartupPacket.read(source);
        assertThat(source.hasRemaining()).isFalse();
      } catch (ProtocolViolation expected) {
        assertThat(expected.getMessage()).isNotEmpty();
      }
    }
  }
}
