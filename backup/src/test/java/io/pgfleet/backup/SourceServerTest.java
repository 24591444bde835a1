package io.pgfleet.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.ProtocolException;
import org.junit.jupiter.api.Test;

class SourceServerTest {
  @Test
  void segmentsAreAsLargeAsTheServerShows() throws Exception {
    assertThat(SourceServer.bytes("1MB")).isEqualTo(1 << 20);
    assertThat(SourceServer.bytes("16MB")).isEqualTo(16 << 20);
    assertThat(SourceServer.bytes("1GB")).isEqualTo(1 << 30);
    for (String wrong : new String[] {"", "16", "16kB", "0MB", "2GB", "16777216"}) {
      assertThatThrownBy(() -> SourceServer.bytes(wrong))
          .as(wrong)
          .isInstanceOf(ProtocolException.class);
    }
  }
}
