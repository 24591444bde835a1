package io.pgfleet.backup.wal;

import io.pgfleet.backup.Archive;
import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.BackupException.Kind;
import io.pgfleet.backup.store.ObjectStore.Listed;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The WAL of an archive. A segment lies there whole, or as pieces of which each begins where the
 * one before ends, while it is still being written or if its timeline ended in it.
 *
 * <pre>
 * wal/TIMELINE/history          the timeline's history file
 * wal/TIMELINE/SEGMENT          a whole segment
 * wal/TIMELINE/SEGMENT.part/AT  its bytes from that offset on
 * </pre>
 */
public final class WalArchive {
  private static final String FOLDER = "wal";
  private static final String PART = ".part";
  private static final int HEX = 16;

  private final Archive archive;
  private final int size;

  /**
   * The WAL of an archive.
   *
   * @param size bytes of a segment in this cluster
   */
  public WalArchive(Archive archive, int size) {
    this.archive = archive;
    this.size = size;
  }

  /** Bytes of a segment. */
  public int segmentSize() {
    return size;
  }

  private static String folder(int timeline) {
    return FOLDER + "/%08X".formatted(timeline);
  }

  private static String whole(SegmentName segment) {
    return folder(segment.timeline()) + "/" + segment.file();
  }

  private static String parts(SegmentName segment) {
    return whole(segment) + PART;
  }

  private static String history(int timeline) {
    return folder(timeline) + "/history";
  }

  /** Puts a whole segment; its pieces are no longer needed then, and deleted. */
  void put(SegmentName segment, byte[] content) {
    if (content.length != size) {
      throw new IllegalArgumentException(segment + " of " + content.length + " bytes");
    }
    archive.put(whole(segment), content);
    archive.list(parts(segment)).forEach(part -> archive.delete(part.name()));
  }

  /** Puts a piece of a segment, from an offset on. */
  void put(SegmentName segment, int offset, byte[] content) {
    archive.put(parts(segment) + "/%08X".formatted(offset), content);
  }

  /** Puts a timeline's history file. */
  void putHistory(int timeline, String content) {
    archive.put(history(timeline), content.getBytes(StandardCharsets.UTF_8));
  }

  /** A timeline's history; none if the timeline comes from none, or is not known here. */
  public Optional<TimelineHistory> history(int timeline, boolean required) {
    Optional<byte[]> content = archive.find(history(timeline));
    if (content.isEmpty() && required && timeline > 1) {
      throw missing(TimelineHistory.file(timeline));
    }
    return content.map(
        bytes -> TimelineHistory.parse(timeline, new String(bytes, StandardCharsets.UTF_8)));
  }

  /** The content of a timeline's history file as the server wrote it. */
  public Optional<byte[]> historyFile(int timeline) {
    return archive.find(history(timeline));
  }

  /** The timelines of which there is anything, oldest first. */
  public List<Integer> timelines() {
    return archive.list(FOLDER).stream()
        .map(listed -> listed.name().split("/")[1])
        .distinct()
        .map(name -> Integer.parseInt(name, HEX))
        .sorted()
        .toList();
  }

  /**
   * A segment as it is in the archive.
   *
   * @param bytes from its beginning without a gap
   * @param whole whether it is all there
   */
  public record Held(SegmentName segment, int bytes, boolean whole) {}

  /** The segments of a timeline, by number; of one in pieces, how far they reach. */
  public SortedMap<Long, Held> segments(int timeline) {
    SortedMap<Long, Held> held = new TreeMap<>();
    List<Listed> all = archive.list(folder(timeline));
    for (Listed listed : all) {
      String[] parts = listed.name().split("/");
      Optional<SegmentName> segment = SegmentName.parse(parts[2].replace(PART, ""), size);
      if (segment.isEmpty()) {
        continue;
      }
      boolean whole = parts.length == 3;
      held.merge(
          segment.get().number(),
          new Held(segment.get(), whole ? size : 0, whole),
          (one, other) -> one.whole() ? one : other);
    }
    return held;
  }

  /** The bytes of a segment from its beginning, as far as they are there; none of none. */
  public Optional<byte[]> find(SegmentName segment) {
    Optional<byte[]> whole = archive.find(whole(segment));
    if (whole.isPresent()) {
      return whole;
    }
    List<Listed> parts =
        archive.list(parts(segment)).stream().sorted(Comparator.comparing(Listed::name)).toList();
    if (parts.isEmpty()) {
      // Its last piece may have been replaced by the whole meanwhile.
      return archive.find(whole(segment));
    }
    byte[] content = new byte[size];
    int end = 0;
    for (Listed part : parts) {
      String name = part.name();
      int offset = Integer.parseInt(name.substring(name.lastIndexOf('/') + 1), HEX);
      Optional<byte[]> bytes = archive.find(name);
      if (bytes.isEmpty()) {
        return archive.find(whole(segment));
      }
      if (offset > end) {
        break;
      }
      System.arraycopy(bytes.get(), 0, content, offset, bytes.get().length);
      end = Math.max(end, offset + bytes.get().length);
    }
    return end == 0 ? Optional.empty() : Optional.of(Arrays.copyOf(content, end));
  }

  private BackupException missing(String what) {
    return new BackupException(
        Kind.MISSING,
        what + " is not in the repository " + archive.place() + ".",
        "'pgfleet backup check' lists the gaps, and to which times a restore can go.");
  }
}
