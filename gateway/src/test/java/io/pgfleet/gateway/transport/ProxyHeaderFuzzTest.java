package io.pgfleet.gateway.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgfleet.gateway.message.ProtocolViolation;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class ProxyHeaderFuzzTest {
  private static final String SIGNATURE = "0d0a0d0a000d0a515549540a";

  private static ByteBuffer bytes(String hex) {
    return ByteBuffer.wrap(HexFormat.of().parseHex(hex.replace(" ", "")));
  }

  @Test
  void addressesOfBothFamiliesAreRead() throws ProtocolViolation {
    ByteBuffer four = bytes(SIGNATURE + "21 11 000c c0a80102 0a000001 1f90 1538 99");
    assertThat(ProxyHeader.read(four).orElseThrow().client())
        .contains(new InetSocketAddress(Network.numeric("192.168.1.2").orElseThrow(), 8080));
    assertThat(four.remaining()).isEqualTo(1);
    ByteBuffer six =
        bytes(
            SIGNATURE
                + "21 21 0027 20010db8000000000000000000000001 00000000000000000000000000000001"
                + "ffff 1538 040000");
    assertThat(ProxyHeader.read(six).orElseThrow().client())
        .contains(new InetSocketAddress(Network.numeric("2001:db8::1").orElseThrow(), 65_535));
    assertThat(six.hasRemaining()).isFalse();
  }

  @Test
  void aProxyMaySpeakForItself() throws ProtocolViolation {
    assertThat(ProxyHeader.read(bytes(SIGNATURE + "20 00 0000")).orElseThrow().client()).isEmpty();
    assertThat(ProxyHeader.read(bytes(SIGNATURE + "21 00 0001 00")).orElseThrow().client())
        .isEmpty();
  }

  @Test
  void theFirstVersionAndAnythingElseAreRefusedByName() {
    ByteBuffer first = ByteBuffer.wrap("PROXY TCP4 1.1.1.1".getBytes(StandardCharsets.US_ASCII));
    assertThat(ProxyHeader.looksLikeOne(first)).isTrue();
    assertThatThrownBy(() -> ProxyHeader.read(first)).hasMessageContaining("version 1");
    assertThatThrownBy(() -> ProxyHeader.read(bytes("0000000804d2162f")))
        .hasMessageContaining("must begin");
    for (String bad : new String[] {"31 11 000c", "22 11 000c", "21 11 ffff"}) {
      assertThatThrownBy(() -> ProxyHeader.read(bytes(SIGNATURE + bad)))
          .isInstanceOf(ProtocolViolation.class);
    }
    assertThatThrownBy(() -> ProxyHeader.read(bytes(SIGNATURE + "21 11 0002 0000")))
        .hasMessageContaining("without its addresses");
  }

  @Test
  void everyBeginningWaitsForMore() throws ProtocolViolation {
    byte[] whole = bytes(SIGNATURE + "21 11 000c c0a80102 0a000001 1f90 1538").array();
    for (int length = 1; length < whole.length; length++) {
      ByteBuffer part = ByteBuffer.wrap(whole, 0, length);
      assertThat(ProxyHeader.read(part)).isEmpty();
      assertThat(part.remaining()).isEqualTo(length);
    }
  }

  @Test
  void noiseIsReadOrRefused() {
    Random random = new Random(3);
    byte[] signature = HexFormat.of().parseHex(SIGNATURE);
    for (int i = 0; i < 50_000; i++) {
      byte[] noise = new byte[random.nextInt(80)];
      random.nextBytes(noise);
      System.arraycopy(signature, 0, noise, 0, Math.min(signature.length, noise.length));
      if (noise.length > 13) {
        noise[12] = (byte) (0x20 | random.nextInt(3));
        noise[13] = (byte) ((random.nextInt(4) << 4) | random.nextInt(3));
      }
      if (noise.length > 15) {
        noise[14] = (byte) random.nextInt(2);
      }
      ByteBuffer source = ByteBuffer.wrap(noise);
      try {
        ProxyHeader.read(source);
      } catch (ProtocolViolation e) {
        assertThat(e.getMessage()).isNotEmpty();
      }
    }
  }
}
