package io.pgfleet.backup.wal;

import io.pgfleet.backup.Archive;
import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.BackupException.Kind;
import io.pgfleet.backup.store.ObjectStore.Listed;
import io.pgfleet.backup.wal.WalInventory.Gap;
import io.pgfleet.wire.Lsn;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The WAL of an archive. A segment lies there whole, or as pieces of which each begins where the
 * one before ends, while it is still being written or if its timeline ended in it.
 *
 * <pre>
 * wal/TIMELINE/history          the timeline's history file
 * wal/TIMELINE/SEGMENT          a whole segment
 * wal/TIMELINE/SEGMENT.part/FROM-TO
 *                               its bytes between these offsets; never replaced by others
 * wal/TIMELINE/gap-FROM-TO      a sentence about WAL between these positions (16 digits), which
 *                               the server no longer had when it was due; TO may lie on a
 *                               later timeline
 * </pre>
 */
public final class WalArchive {
  private static final int ATTEMPTS = 3;

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

  /** The archive whose WAL it is. */
  public Archive archive() {
    return archive;
  }

  /** Puts a whole segment; its pieces are no longer needed then, and deleted. */
  public void put(SegmentName segment, byte[] content) {
    if (content.length != size) {
      throw new IllegalArgumentException(segment + " of " + content.length + " bytes");
    }
    archive.put(WalNames.whole(segment), content);
    archive.list(WalNames.pieces(segment)).forEach(part -> archive.delete(part.name()));
  }

  /** Puts a piece of a segment, from an offset on. */
  public void put(SegmentName segment, int offset, byte[] content) {
    archive.put(WalNames.piece(segment, offset, offset + content.length), content);
  }

  /** Puts a timeline's history file. */
  public void putHistory(int timeline, String content) {
    archive.put(WalNames.history(timeline), content.getBytes(StandardCharsets.UTF_8));
  }

  /** The object that holds a whole segment. */
  public static String object(SegmentName segment) {
    return WalNames.whole(segment);
  }

  /** The object that holds a timeline's history. */
  public static String historyObject(int timeline) {
    return WalNames.history(timeline);
  }

  /**
   * A timeline's history; none if the timeline comes from none, or is not known here.
   *
   * @throws BackupException if it is damaged, or required and not there
   */
  public Optional<TimelineHistory> history(int timeline, boolean required) {
    Optional<byte[]> content = archive.find(WalNames.history(timeline));
    if (content.isEmpty() && required && timeline > 1) {
      throw missing(TimelineHistory.file(timeline));
    }
    return content.map(bytes -> parsed(timeline, new String(bytes, StandardCharsets.UTF_8)));
  }

  private TimelineHistory parsed(int timeline, String content) {
    try {
      return TimelineHistory.parse(timeline, content);
    } catch (IllegalArgumentException e) {
      throw new BackupException(
          Kind.DAMAGED,
          "The object "
              + WalNames.history(timeline)
              + " in "
              + archive.place()
              + " is no timeline's history: "
              + e.getMessage()
              + ".",
          "Bring it back from pg_wal of a server that was on that timeline.",
          e);
    }
  }

  /** The content of a timeline's history file as the server wrote it. */
  public Optional<byte[]> historyFile(int timeline) {
    return archive.find(WalNames.history(timeline));
  }

  /** Puts what tells of lost WAL; an earlier word of what was lost from there on goes. */
  void putGap(Gap gap, String why) {
    archive.put(WalNames.gap(gap), why.getBytes(StandardCharsets.UTF_8));
    inventory(WalNames.folder(gap.timeline())).gaps().stream()
        .filter(other -> other.from().equals(gap.from()) && !other.equals(gap))
        .forEach(other -> archive.delete(WalNames.gap(other)));
  }

  /** The timelines of which there is anything, oldest first. */
  public List<Integer> timelines() {
    return List.copyOf(inventory().timelines());
  }

  /**
   * A segment as it is in the archive.
   *
   * @param bytes from its beginning without a gap
   * @param whole whether it is all there
   * @param resumes where the first piece behind a missing one begins; 0 if none is missing
   */
  public record Held(SegmentName segment, int bytes, boolean whole, int resumes) {
    /** The position behind what is there. */
    public Lsn end() {
      return new Lsn(segment.start().value() + bytes);
    }
  }

  /** The segments of a timeline, by number; of one in pieces, how far they reach. */
  public SortedMap<Long, Held> segments(int timeline) {
    return inventory(WalNames.folder(timeline)).on(timeline);
  }

  /** All that is there, by one list. */
  public WalInventory inventory() {
    return inventory(WalNames.FOLDER);
  }

  /** Its objects, by their names. */
  public List<WalObject> objects() {
    return objects(WalNames.FOLDER);
  }

  private List<WalObject> objects(String below) {
    return archive.list(below).stream()
        .flatMap(listed -> WalNames.parse(listed, size).stream())
        .toList();
  }

  private WalInventory inventory(String below) {
    SortedMap<Integer, SortedMap<Long, Held>> segments = new TreeMap<>();
    Set<Integer> histories = new HashSet<>();
    List<Gap> gaps = new ArrayList<>();
    for (WalObject object : objects(below)) {
      switch (object) {
        case WalObject.History history -> histories.add(history.timeline());
        case WalObject.Loss loss -> gaps.add(loss.gap());
        case WalObject.Whole(_, SegmentName segment) ->
            on(segments, segment).put(segment.number(), new Held(segment, size, true, 0));
        case WalObject.Piece piece ->
            on(segments, piece.segment())
                .compute(piece.segment().number(), (_, held) -> more(held, piece));
      }
    }
    gaps.sort(Comparator.comparing(Gap::from));
    return new WalInventory(size, segments, histories, gaps);
  }

  private static SortedMap<Long, Held> on(
      SortedMap<Integer, SortedMap<Long, Held>> segments, SegmentName segment) {
    return segments.computeIfAbsent(segment.timeline(), _ -> new TreeMap<>());
  }

  /** A segment with one more of its pieces, which come by their names and behind the whole one. */
  private static Held more(@Nullable Held held, WalObject.Piece piece) {
    if (held != null && held.whole()) {
      return held;
    }
    int bytes = held == null ? 0 : held.bytes();
    int resumes = held == null ? 0 : held.resumes();
    return piece.from() <= bytes
        ? new Held(piece.segment(), Math.max(bytes, piece.to()), false, resumes)
        : new Held(piece.segment(), bytes, false, resumes == 0 ? piece.from() : resumes);
  }

  /**
   * The bytes of a segment from its beginning, as far as they are there; none of none.
   *
   * @throws BackupException if a piece is missing before another
   */
  public Optional<byte[]> find(SegmentName segment) {
    for (int attempt = 1; ; attempt++) {
      Optional<byte[]> whole = archive.find(WalNames.whole(segment));
      if (whole.isPresent()) {
        return whole;
      }
      List<Listed> parts = archive.list(WalNames.pieces(segment));
      Optional<byte[]> joined = joined(parts);
      if (joined.isPresent()) {
        return joined;
      }
      // Pieces vanish when the whole segment takes their place.
      whole = archive.find(WalNames.whole(segment));
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
      if (!(WalNames.parse(part, size).orElse(null) instanceof WalObject.Piece piece)) {
        continue;
      }
      int from = piece.from();
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
