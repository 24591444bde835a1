package io.pgfleet.backup.push;

import static io.pgfleet.backup.push.FabricatedSegments.SIZE;
import static io.pgfleet.backup.push.FabricatedSegments.SYSTEM;
import static io.pgfleet.backup.push.FabricatedSegments.segment;
import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.backup.wal.SegmentName;
import io.pgfleet.wire.Lsn;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SegmentHeaderFuzzTest {
  private static final int ROUNDS = 200_000;

  @Test
  void itSaysWhatTheServerHasWritten() {
    byte[] content = FabricatedSegments.content(segment(3, 0x1_0000_0005L), 'x');
    assertThat(SegmentHeader.parse(content))
        .contains(new SegmentHeader(3, segment(3, 0x1_0000_0005L).start(), SYSTEM, SIZE));
  }

  /** Half of the rounds begin with a sound header, so that the later checks are met, too. */
  @Test
  void whateverTheBytesItIsAHeaderThatCanBeOrNone() {
    byte[] sound =
        Arrays.copyOf(FabricatedSegments.content(segment(2, 9), 'x'), SegmentHeader.BYTES + 8);
    int parsed = 0;
    for (int seed = 0; seed < ROUNDS; seed++) {
      Random random = new Random(seed);
      byte[] bytes = sound.clone();
      if (random.nextBoolean()) {
        random.nextBytes(bytes);
      }
      for (int i = random.nextInt(3); i > 0; i--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
      Optional<SegmentHeader> header = SegmentHeader.parse(bytes);
      if (header.isPresent()) {
        parsed++;
        SegmentHeader one = header.get();
        SegmentName name = SegmentName.of(one.timeline(), one.start(), one.segmentSize());
        assertThat(bytes.length).as("seed %d", seed).isGreaterThanOrEqualTo(SegmentHeader.BYTES);
        assertThat(one.timeline()).as("seed %d", seed).isPositive();
        assertThat(name.start()).as("seed %d", seed).isEqualTo(one.start());
        assertThat(SegmentName.isSize(one.segmentSize())).as("seed %d", seed).isTrue();
      }
    }
    assertThat(parsed).isGreaterThan(100);
  }

  @Test
  void whateverThePagesNoMoreWasWrittenThanThereIs() {
    for (int seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      byte[] content = new byte[random.nextInt(5 * SegmentHeader.PAGE)];
      if (random.nextBoolean()) {
        random.nextBytes(content);
      } else {
        byte[] sound = FabricatedSegments.content(segment(1, 4), 'x');
        System.arraycopy(sound, 0, content, 0, content.length);
      }
      int written = SegmentHeader.written(content, segment(1, 4).start());
      assertThat(written).as("seed %d", seed).isBetween(0, content.length);
      assertThat(SegmentHeader.written(content, new Lsn(-1))).isZero();
    }
  }
}
