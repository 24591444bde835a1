package io.pgfleet.postgres.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgfleet.postgres.host.ServerException;
import io.pgfleet.wire.Lsn;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Map;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ControlFileTest {
  private static final int PAGE = 8192;

  private static byte[] file(int version, int crcAt) {
    ByteBuffer page = ByteBuffer.allocate(PAGE).order(ByteOrder.nativeOrder());
    page.putLong(0, -5L);
    page.putInt(8, version);
    page.putInt(16, 5); // DB_IN_ARCHIVE_RECOVERY
    page.putLong(32, Lsn.parse("1/20").value());
    page.putLong(40, Lsn.parse("1/10").value());
    page.putInt(48, 3);
    page.putLong(136, Lsn.parse("1/30").value());
    page.putInt(144, 2);
    for (int i = 0; i < 5; i++) {
      page.putInt(180 + 4 * i, 10 + i);
    }
    page.putInt(252, 1);
    CRC32C crc = new CRC32C();
    crc.update(page.array(), 0, crcAt);
    page.putInt(crcAt, (int) crc.getValue());
    return page.array();
  }

  @ParameterizedTest
  @CsvSource({"1300, 288", "1800, 292"})
  void both_layouts_are_read(int version, int crcAt) {
    ControlFile control = ControlFile.parse(file(version, crcAt));
    assertThat(control.systemIdentifierText()).isEqualTo("18446744073709551611");
    assertThat(control.state()).isEqualTo(ControlFile.State.IN_ARCHIVE_RECOVERY);
    assertThat(control.checkpoint()).isEqualTo(Lsn.parse("1/20"));
    assertThat(control.redo()).isEqualTo(Lsn.parse("1/10"));
    assertThat(control.timeline()).isEqualTo(3);
    assertThat(control.minRecoveryPoint()).isEqualTo(Lsn.parse("1/30"));
    assertThat(control.minRecoveryTimeline()).isEqualTo(2);
    assertThat(control.hasChecksums()).isTrue();
    assertThat(control.primarySettings())
        .isEqualTo(
            Map.of(
                "max_connections", 10,
                "max_worker_processes", 11,
                "max_wal_senders", 12,
                "max_prepared_transactions", 13,
                "max_locks_per_transaction", 14));
  }

  @Test
  void a_changed_bit_anywhere_is_noticed() {
    byte[] good = file(1800, 292);
    for (int bit = 0; bit < 296 * Byte.SIZE; bit++) {
      byte[] bad = good.clone();
      bad[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
      assertThatThrownBy(() -> ControlFile.parse(bad)).isInstanceOf(ServerException.class);
    }
  }

  @Test
  void a_file_cut_short_is_noticed() {
    byte[] good = file(1300, 288);
    for (int length = 0; length < 296; length++) {
      byte[] bad = Arrays.copyOf(good, length);
      assertThatThrownBy(() -> ControlFile.parse(bad)).isInstanceOf(ServerException.class);
    }
  }
}
