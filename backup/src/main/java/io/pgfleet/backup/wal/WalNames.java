package io.pgfleet.backup.wal;

import io.pgfleet.backup.store.ObjectStore.Listed;
import io.pgfleet.backup.wal.WalInventory.Gap;
import io.pgfleet.wire.Lsn;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How the objects of an archive's WAL are named. */
final class WalNames {
  static final String FOLDER = "wal";
  private static final int HEX = 16;
  private static final Pattern OBJECT =
      Pattern.compile(
          FOLDER
              + "/(?<timeline>[0-9A-F]{8})/(?:(?<history>history)"
              + "|gap-(?<gap>[0-9A-F]{16})-(?<to>[0-9A-F]{16})"
              + "|(?<segment>[0-9A-F]{24})(?:\\.part/(?<from>[0-9A-F]{8})-(?<end>[0-9A-F]{8}))?)");

  private WalNames() {}

  static String folder(int timeline) {
    return FOLDER + "/%08X".formatted(timeline);
  }

  static String history(int timeline) {
    return folder(timeline) + "/history";
  }

  static String gap(Gap gap) {
    return folder(gap.timeline())
        + "/gap-%016X-%016X".formatted(gap.from().value(), gap.to().value());
  }

  static String whole(SegmentName segment) {
    return folder(segment.timeline()) + "/" + segment.file();
  }

  static String pieces(SegmentName segment) {
    return whole(segment) + ".part";
  }

  static String piece(SegmentName segment, int from, int to) {
    return pieces(segment) + "/%08X-%08X".formatted(from, to);
  }

  /** What an object is; none if it is nothing of WAL with segments of this size. */
  static Optional<WalObject> parse(Listed listed, int size) {
    Matcher name = OBJECT.matcher(listed.name());
    if (!name.matches()) {
      return Optional.empty();
    }
    int timeline = Integer.parseUnsignedInt(name.group("timeline"), HEX);
    if (timeline < 1) {
      return Optional.empty();
    }
    if (name.group("history") != null) {
      return Optional.of(new WalObject.History(listed, timeline));
    }
    if (name.group("gap") != null) {
      Gap gap = new Gap(timeline, position(name.group("gap")), position(name.group("to")));
      return Optional.of(new WalObject.Loss(listed, gap));
    }
    return SegmentName.parse(name.group("segment"), size)
        .filter(segment -> segment.timeline() == timeline)
        .flatMap(segment -> of(listed, segment, name));
  }

  private static Optional<WalObject> of(Listed listed, SegmentName segment, Matcher name) {
    if (name.group("from") == null) {
      return Optional.of(new WalObject.Whole(listed, segment));
    }
    int from = Integer.parseUnsignedInt(name.group("from"), HEX);
    int to = Integer.parseUnsignedInt(name.group("end"), HEX);
    return from >= 0 && from < to && to <= segment.size()
        ? Optional.of(new WalObject.Piece(listed, segment, from, to))
        : Optional.empty();
  }

  private static Lsn position(String hex) {
    return new Lsn(Long.parseUnsignedLong(hex, HEX));
  }
}
