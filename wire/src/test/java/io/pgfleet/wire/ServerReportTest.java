package io.pgfleet.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ServerReportTest {
  private final ServerReport report =
      ServerReport.of("FATAL", SqlState.INVALID_PASSWORD, "no").with(ServerReport.HINT, "try ü");

  @Test
  void comesBackFromTheWireAsItWent() {
    assertThat(ServerReport.decode(ByteBuffer.wrap(report.encode()))).isEqualTo(report);
    assertThat(report.severity()).isEqualTo("FATAL");
    assertThat(report.hint()).isEqualTo("try ü");
    assertThat(report.detail()).isNull();
  }

  @Test
  void cutShortAnywhereItIsRefused() {
    byte[] whole = report.encode();
    for (int length = 0; length < whole.length; length++) {
      ByteBuffer cut = ByteBuffer.wrap(Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> ServerReport.decode(cut))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
