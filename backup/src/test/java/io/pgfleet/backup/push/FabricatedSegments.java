package io.pgfleet.backup.push;

import io.pgfleet.backup.wal.SegmentName;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** A {@code pg_wal} that no server has written. */
final class FabricatedSegments {
  static final int SIZE = 1 << 20;
  static final long SYSTEM = 7_300_000_000_000_000_007L;
  private static final int PAGE = SegmentHeader.PAGE;

  private final Path folder;

  FabricatedSegments(Path folder) {
    this.folder = folder;
  }

  static SegmentName segment(int timeline, long number) {
    return new SegmentName(timeline, number, SIZE);
  }

  /** A segment whose pages are filled with a letter, the first ones as a header's timeline says. */
  static byte[] content(SegmentName name, int timeline, char letter) {
    ByteBuffer bytes = ByteBuffer.allocate(SIZE).order(ByteOrder.nativeOrder());
    Arrays.fill(bytes.array(), (byte) letter);
    for (int page = 0; page < SIZE; page += PAGE) {
      bytes.putShort(page, (short) 0xD118);
      bytes.putShort(page + 2, (short) (page == 0 ? 2 : 0));
      bytes.putInt(page + 4, timeline);
      bytes.putLong(page + 8, name.start().value() + page);
      bytes.putInt(page + 16, 0);
    }
    bytes.putLong(24, SYSTEM).putInt(32, SIZE).putInt(36, PAGE);
    return bytes.array();
  }

  static byte[] content(SegmentName name, char letter) {
    return content(name, name.timeline(), letter);
  }

  Path put(String name, byte[] content) throws IOException {
    return Files.write(folder.resolve(name), content);
  }

  Path put(SegmentName name, char letter) throws IOException {
    return put(name.file(), content(name, letter));
  }

  /** Only the first bytes of a segment were written; behind them are an older one's pages. */
  void putUnfinished(SegmentName name, int written, char letter) throws IOException {
    byte[] content = content(segment(name.timeline(), name.number() - 1), 'o');
    int page = (written + PAGE - 1) / PAGE * PAGE;
    System.arraycopy(content(name, letter), 0, content, 0, written);
    Arrays.fill(content, written, page, (byte) 0);
    put(name.file(), content);
  }

  void history(int timeline, String... lines) throws IOException {
    put(
        "%08X.history".formatted(timeline),
        (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
  }
}
