package io.pgfleet.postgres.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * How far the WAL in a standby's data folder goes, applied or not (PostgreSQL manual, 'WAL
 * Internals'). Each page of a segment names its own position; a segment that was put by for later
 * use still has the pages of an earlier one.
 *
 * @param timeline of the newest segment
 * @param end a position in its last page: at least so far, and less than a page more
 */
public record ReceivedWal(int timeline, long end) {
  private static final int PAGE = 8192;

  /** Bytes of a page's header up to and with its position. */
  private static final int HEADER = 16;

  private static final int POSITION = 8;

  /** How many timelines may have begun since; each failover begins one. */
  private static final int TIMELINES = 100;

  /**
   * What is there.
   *
   * @param timeline of what was applied last
   * @param from the end of WAL that is known to be there
   */
  public static ReceivedWal of(Path dataFolder, int timeline, long from) throws IOException {
    Path folder = dataFolder.resolve("pg_wal");
    ReceivedWal found = new ReceivedWal(timeline, from);
    Optional<Long> size = segmentSize(folder);
    if (size.isEmpty()) {
      return found;
    }
    for (long start = from - from % size.get(); ; start += size.get()) {
      Optional<ReceivedWal> segment = newest(folder, found.timeline, start, size.get());
      if (segment.isEmpty()) {
        return found;
      }
      long end = Math.max(found.end, segment.get().end);
      found = new ReceivedWal(segment.get().timeline, end);
      if (segment.get().end < start + size.get() - PAGE) {
        return found;
      }
    }
  }

  private static Optional<Long> segmentSize(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      Optional<Path> any =
          files.filter(file -> file.getFileName().toString().matches("[0-9A-F]{24}")).findFirst();
      return any.isPresent() ? Optional.of(Files.size(any.get())) : Optional.empty();
    }
  }

  /** The segment of the newest timeline that has its first page. */
  private static Optional<ReceivedWal> newest(Path folder, int timeline, long start, long size)
      throws IOException {
    for (int later : IntStream.rangeClosed(0, TIMELINES).map(i -> TIMELINES - i).toArray()) {
      Path file = folder.resolve(name(timeline + later, start, size));
      if (Files.exists(file)) {
        try (FileChannel segment = FileChannel.open(file)) {
          long last = lastPage(segment, start, size);
          if (last >= 0) {
            return Optional.of(new ReceivedWal(timeline + later, start + last));
          }
        }
      }
    }
    return Optional.empty();
  }

  private static String name(int timeline, long start, long size) {
    long number = start / size;
    long each = (1L << 32) / size;
    return "%08X%08X%08X".formatted(timeline, number / each, number % each);
  }

  /** Where the last page begins that belongs here; -1 if none does. */
  private static long lastPage(FileChannel segment, long start, long size) throws IOException {
    if (belongs(segment, start, size - PAGE)) {
      return size - PAGE;
    }
    long last = -1;
    while (last + PAGE < size && belongs(segment, start, last < 0 ? 0 : last + PAGE)) {
      last = last < 0 ? 0 : last + PAGE;
    }
    return last;
  }

  private static boolean belongs(FileChannel segment, long start, long offset) throws IOException {
    ByteBuffer header = ByteBuffer.allocate(HEADER).order(ByteOrder.nativeOrder());
    while (header.hasRemaining()) {
      if (segment.read(header, offset + header.position()) < 0) {
        return false;
      }
    }
    return header.getLong(POSITION) == start + offset;
  }
}
