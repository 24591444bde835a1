package io.pgfleet.backup.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgfleet.wire.Lsn;
import org.junit.jupiter.api.Test;

class SegmentNameTest {
  private static final int SIZE = SegmentName.USUAL_SIZE;

  @Test
  void namesAreThoseOfPostgres() {
    assertThat(SegmentName.of(1, Lsn.parse("0/1000028"), SIZE).file())
        .isEqualTo("000000010000000000000001");
    assertThat(SegmentName.of(10, Lsn.parse("12/FF000000"), SIZE).file())
        .isEqualTo("0000000A00000012000000FF");
    assertThat(SegmentName.of(1, Lsn.parse("2/40000000"), 1 << 30).file())
        .isEqualTo("000000010000000200000001");
  }

  @Test
  void aNameGivesItsSegmentBack() {
    for (int size : new int[] {1 << 20, SIZE, 1 << 30}) {
      for (long number : new long[] {0, 1, 3, 255, 256, 4095, 4096, 1_000_003}) {
        SegmentName segment = new SegmentName(3, number, size);
        assertThat(SegmentName.parse(segment.file(), size)).contains(segment);
        assertThat(SegmentName.of(3, segment.start(), size)).isEqualTo(segment);
        assertThat(SegmentName.of(3, segment.end(), size)).isEqualTo(segment.next());
      }
    }
  }

  @Test
  void otherNamesAreNone() {
    for (String name :
        new String[] {
          "",
          "00000002.history",
          "000000010000000000000001.partial",
          "000000000000000000000001",
          "000000010000000000000100",
          "00000001000000000000000g"
        }) {
      assertThat(SegmentName.parse(name, SIZE)).as(name).isEmpty();
    }
    assertThatThrownBy(() -> new SegmentName(1, 1, SIZE + 1))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
