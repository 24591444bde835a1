package io.pgfleet.backup.wal;

import io.pgfleet.backup.Archive;
import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.BackupException.Kind;
import io.pgfleet.backup.store.ObjectStore.Listed;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The WAL of an archive. A segment lies there whole, or as pieces of which each begins where the
 * one before ends, while it is still being written or if its timeline ended in it.
 *
 * <pre>
 * wal/TIMELINE/history          the timeline's history file
 * wal/TIMELINE/SEGMENT          a whole segment
 * wal/TIMELINE/SEGMENT.part/FROM-TO
 *                               its bytes between these offsets; never replaced by others
 * </pre>
 */
public final class WalArchive {
  private static final String FOLDER = "wal";
  private static final String PART = ".part";
  private static final int HEX = 16;
  private static final int ATTEMPTS = 3;
  private static final Pattern TIMELINE = Pattern.compile(FOLDER + "/([0-9A-F]{8})/.+");
  private static final Pattern SEGMENT =
      Pattern.compile(
          FOLDER + "/[0-9A-F]{8}/([0-9A-F]{24})(?:\\.part/([0-9A-F]{8})-([0-9A-F]{8}))?");

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

  /** Where it is, for messages. */
  String place() {
    return archive.place();
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
    archive.put(parts(segment) + "/%08X-%08X".formatted(offset, offset + content.length), content);
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
        .map(listed -> TIMELINE.matcher(listed.name()))
        .filter(Matcher::matches)
        .map(name -> (int) Long.parseLong(name.group(1), HEX))
        .distinct()
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
    for (Listed listed : archive.list(folder(timeline))) {
      Matcher name = SEGMENT.matcher(listed.name());
      Optional<SegmentName> segment =
          name.matches() ? SegmentName.parse(name.group(1), size) : Optional.empty();
      if (segment.isPresent()) {
        boolean whole = name.group(2) == null;
        int bytes = whole ? size : (int) Long.parseLong(name.group(3), HEX);
        held.merge(
            segment.get().number(),
            new Held(segment.get(), bytes, whole),
            (one, other) -> one.whole() || one.bytes() > other.bytes() ? one : other);
      }
    }
    return held;
  }

  /**
   * The bytes of a segment from its beginning, as far as they are there; none of none.
   *
   * @throws BackupException if a piece is missing before another
   */
  public Optional<byte[]> find(SegmentName segment) {
    for (int attempt = 1; ; attempt++) {
      Optional<byte[]> whole = archive.find(whole(segment));
      if (whole.isPresent()) {
        return whole;
      }
      List<Listed> parts = archive.list(parts(segment));
      Optional<byte[]> joined = joined(parts);
      if (joined.isPresent()) {
        return joined;
      }
      // Pieces vanish when the whole segment takes their place.
      whole = archive.find(whole(segment));
      if (whole.isPresent() || parts.isEmpty()) {
        return whole;
      }
      if (attempt == ATTEMPTS) {
        throw missing("A piece of segment " + segment);
      }
    }
  }

  /** The pieces put together; none if there is none, or there is a hole between them. */
  private Optional<byte[]> joined(List<Listed> parts) {
    byte[] content = new byte[size];
    int end = 0;
    for (Listed part : parts) { // by name, and so by where they begin
      Matcher name = SEGMENT.matcher(part.name());
      if (!name.matches() || name.group(2) == null) {
        continue;
      }
      int from = (int) Long.parseLong(name.group(2), HEX);
      Optional<byte[]> bytes = archive.find(part.name());
      if (from > end || bytes.isEmpty() || from + bytes.get().length > size) {
        return Optional.empty();
      }
      System.arraycopy(bytes.get(), 0, content, from, bytes.get().length);
      end = Math.max(end, from + bytes.get().length);
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
