package io.pgfleet.backup.push;

import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.BackupException.Kind;
import io.pgfleet.backup.wal.SegmentName;
import io.pgfleet.backup.wal.TimelineHistory;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A {@code pg_wal}: reads its files for an archive, and refuses those that are not what their names
 * say.
 *
 * <p>A segment in which its timeline was left, by the newest history in the folder, counts only up
 * to there: a standby that follows, and a former primary, have it with something else behind, and
 * under the same name.
 *
 * @param path the folder
 * @param system the identifier that segments must have
 */
public record WalFolder(Path path, long system) {
  private static final Pattern NAME =
      Pattern.compile(
          "(?<history>[0-9A-F]{8})\\.history"
              + "|(?<segment>[0-9A-F]{24})(?:(?<partial>\\.partial)|(?<label>\\.[0-9A-F]{8}\\.backup))?");

  private static final int HEX = 16;

  /** Larger ones would be held in memory several times. */
  private static final int LARGEST = 64 * 1024 * 1024;

  private static final int LARGEST_HISTORY = 1024 * 1024;

  /**
   * Reads a file that PostgreSQL says is finished.
   *
   * @throws BackupException if it is not there, is of another cluster, or is not what its name says
   */
  public WalFile read(String name) {
    return read(name, true);
  }

  /**
   * The same of a file of which nobody has said that it is finished: one behind which no other
   * segment was begun is read as far as it was written.
   */
  public WalFile readUnsaid(String name) {
    return read(name, false);
  }

  private WalFile read(String name, boolean finished) {
    Matcher parts = NAME.matcher(name);
    if (!parts.matches()) {
      throw refused(name, "is no name of a file of WAL", "Name files of a pg_wal folder.");
    }
    try {
      if (parts.group("history") != null) {
        int timeline = timeline(parts.group("history"));
        if (timeline < 1) {
          throw refused(name, "is no timeline's history", "Timelines are numbered from 1.");
        }
        return new WalFile.History(name, timeline, historyText(timeline));
      }
      if (parts.group("label") != null) {
        // A backup's manifest in the repository says the same.
        return new WalFile.Unneeded(name, "A backup of pgfleet does not need it.");
      }
      byte[] content = content(name);
      SegmentName segment = checked(name, parts.group("segment"), content);
      boolean whole =
          parts.group("partial") == null && (finished || isArchivable(name) || isFollowed(segment));
      return cut(name, segment, content, whole);
    } catch (NoSuchFileException e) {
      throw new BackupException(
          Kind.MISSING,
          "There is no file " + path.resolve(name) + ".",
          "It may have been removed since its name was given.",
          e);
    } catch (IOException e) {
      throw new BackupException(
          Kind.SERVER,
          "The file " + path.resolve(name) + " can't be read: " + e.getMessage() + ".",
          "See that the disk is sound and the folder may be read.",
          e);
    }
  }

  private static int timeline(String digits) {
    return (int) Long.parseLong(digits, HEX);
  }

  private byte[] content(String name) throws IOException {
    try (InputStream in = Files.newInputStream(path.resolve(name))) {
      byte[] content = in.readNBytes(LARGEST + 1);
      if (content.length > LARGEST) {
        throw refused(name, "is larger than 64 MB", "Such segments can't be archived.");
      }
      return content;
    }
  }

  private SegmentName checked(String name, String digits, byte[] content) throws IOException {
    SegmentHeader header =
        SegmentHeader.parse(content)
            .orElseThrow(
                () -> refused(name, "does not begin as a segment of WAL does", "It is damaged."));
    if (header.system() != system) {
      throw refused(
          name,
          "is of the cluster "
              + Long.toUnsignedString(header.system())
              + ", and not of "
              + Long.toUnsignedString(system),
          "See that it comes from a server of this fleet.");
    }
    if (content.length != header.segmentSize()) {
      throw refused(
          name,
          "has " + content.length + " bytes, and should have " + header.segmentSize(),
          "It is cut short, or was not copied to its end.");
    }
    SegmentName segment =
        SegmentName.parse(digits, header.segmentSize())
            .filter(one -> one.start().equals(header.start()))
            .orElseThrow(() ->
                refused(
                    name,
                    "holds the WAL from " + header.start() + " on, which is not what its name says",
                    "It was put by for later use, or has got another's name."));
    if (!isOn(segment, header.timeline())) {
      throw refused(
          name,
          "holds WAL of timeline " + header.timeline() + ", which is not what its name says",
          "It was put by for later use, or has got another's name.");
    }
    return segment;
  }

  /** Its own timeline's, or, up to where that begins, of one before it. */
  private boolean isOn(SegmentName segment, int timeline) throws IOException {
    if (timeline == segment.timeline()) {
      return true;
    }
    Optional<TimelineHistory> history = history(segment.timeline());
    return timeline < segment.timeline()
        && (history.isEmpty()
            || history
                .get()
                .left(timeline)
                .filter(left -> left.compareTo(segment.start()) > 0 && segment.end().reaches(left))
                .isPresent());
  }

  private WalFile cut(String name, SegmentName segment, byte[] content, boolean whole)
      throws IOException {
    int written = whole ? content.length : SegmentHeader.written(content, segment.start());
    long counts = counts(segment);
    if (counts <= 0) {
      return new WalFile.Unneeded(
          name, "Timeline " + segment.timeline() + " was left before it, or is none of this line.");
    }
    if (whole && counts >= content.length) {
      return new WalFile.Whole(segment, content);
    }
    return new WalFile.Beginning(
        name, segment, Arrays.copyOf(content, (int) Math.min(counts, written)));
  }

  /** How many bytes of a segment, if it is there, belong to the newest timeline's line. */
  private long counts(SegmentName segment) throws IOException {
    TimelineHistory newest = newest();
    if (segment.timeline() >= newest.timeline()) {
      return segment.size();
    }
    return newest.left(segment.timeline()).map(left -> left.minus(segment.start())).orElse(0L);
  }

  /** The history of the newest timeline of which there is one. */
  private TimelineHistory newest() throws IOException {
    int newest = 1;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(path, "*.history")) {
      for (Path file : files) {
        Matcher name = NAME.matcher(file.getFileName().toString());
        if (name.matches() && name.group("history") != null) {
          newest = Math.max(newest, timeline(name.group("history")));
        }
      }
    }
    return history(newest).orElse(TimelineHistory.first(newest));
  }

  /**
   * A timeline's history; none if its file is not there.
   *
   * @throws BackupException if it is damaged
   */
  public Optional<TimelineHistory> history(int timeline) throws IOException {
    try {
      return Optional.of(TimelineHistory.parse(timeline, historyText(timeline)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IllegalArgumentException e) {
      throw new BackupException(
          Kind.SERVER,
          TimelineHistory.file(timeline) + " is no timeline's history: " + e.getMessage() + ".",
          "Bring it back from pg_wal of another server of the fleet.",
          e);
    }
  }

  private String historyText(int timeline) throws IOException {
    try (InputStream in = Files.newInputStream(path.resolve(TimelineHistory.file(timeline)))) {
      return new String(in.readNBytes(LARGEST_HISTORY), StandardCharsets.UTF_8);
    }
  }

  /** Whether there is a file of a segment. */
  public boolean has(SegmentName segment) {
    return Files.exists(path.resolve(segment.file()));
  }

  /** PostgreSQL notes which segments are finished, where it archives. */
  private boolean isArchivable(String name) {
    Path notes = path.resolve("archive_status");
    return Files.exists(notes.resolve(name + ".ready"))
        || Files.exists(notes.resolve(name + ".done"));
  }

  /** The next segment is begun when this one is full. */
  private boolean isFollowed(SegmentName segment) throws IOException {
    SegmentName next = segment.next();
    try (InputStream in = Files.newInputStream(path.resolve(next.file()))) {
      return SegmentHeader.parse(in.readNBytes(SegmentHeader.BYTES))
          .filter(header -> header.start().equals(next.start()) && header.system() == system)
          .isPresent();
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  private BackupException refused(String name, String how, String hint) {
    return new BackupException(Kind.SERVER, path.resolve(name) + " " + how + ".", hint);
  }
}
