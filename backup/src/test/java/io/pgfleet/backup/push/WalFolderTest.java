package io.pgfleet.backup.push;

import static io.pgfleet.backup.push.FabricatedSegments.SIZE;
import static io.pgfleet.backup.push.FabricatedSegments.SYSTEM;
import static io.pgfleet.backup.push.FabricatedSegments.content;
import static io.pgfleet.backup.push.FabricatedSegments.segment;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.wal.SegmentName;
import io.pgfleet.wire.Lsn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WalFolderTest {
  private static final SegmentName FIFTH = segment(1, 5);

  @TempDir private Path path;
  private FabricatedSegments files;
  private WalFolder folder;

  @BeforeEach
  void make() {
    files = new FabricatedSegments(path);
    folder = new WalFolder(path, SYSTEM);
  }

  private static Lsn at(long segment, int offset) {
    return new Lsn(segment * SIZE + offset);
  }

  private void refused(String name, String why) {
    assertThatThrownBy(() -> folder.read(name))
        .isInstanceOf(BackupException.class)
        .hasMessageContaining(why);
  }

  private byte[] beginning(String name) {
    return ((WalFile.Beginning) folder.read(name)).content();
  }

  @Test
  void aFinishedSegmentIsReadWhole() throws IOException {
    files.put(FIFTH, 'a');
    assertThat(((WalFile.Whole) folder.read(FIFTH.file())).content())
        .isEqualTo(content(FIFTH, 'a'));
  }

  @Test
  void whatIsNotWhatItsNameSaysIsRefused() throws IOException {
    byte[] sound = content(FIFTH, 'a');
    refused(FIFTH.file(), "There is no file");
    refused("../../etc/passwd", "is no name of a file of WAL");
    refused("000000010000000000000005.done", "is no name of a file of WAL");
    refused("FFFFFFFF.history", "is no timeline's history");
    files.put(FIFTH.file(), new byte[SIZE]);
    refused(FIFTH.file(), "does not begin as a segment of WAL does");
    files.put(FIFTH.file(), Arrays.copyOf(sound, 30));
    refused(FIFTH.file(), "does not begin as a segment of WAL does");
    files.put(FIFTH.file(), Arrays.copyOf(sound, SIZE / 2));
    refused(FIFTH.file(), "has " + SIZE / 2 + " bytes, and should have " + SIZE);
    files.put(FIFTH.file(), content(segment(1, 3), 'a'));
    refused(FIFTH.file(), "holds the WAL from 0/300000 on");
    files.put(FIFTH.file(), content(FIFTH, 2, 'a'));
    refused(FIFTH.file(), "holds WAL of timeline 2");
    files.put(FIFTH.file(), sound);
    assertThatThrownBy(() -> new WalFolder(path, 12).read(FIFTH.file()))
        .hasMessageContaining("is of the cluster " + SYSTEM + ", and not of 12");
  }

  @Test
  void aSegmentInWhichATimelineBeginsHasPagesOfTheOneBefore() throws IOException {
    SegmentName first = segment(2, 5);
    files.put(first.file(), content(first, 1, 'a'));
    files.history(2, "1\t" + at(5, 9000) + "\tno recovery target specified");
    assertThat(folder.read(first.file())).isInstanceOf(WalFile.Whole.class);
    files.history(2, "1\t" + at(4, 9000) + "\tno recovery target specified");
    refused(first.file(), "holds WAL of timeline 1");
  }

  @Test
  void aSegmentInWhichItsTimelineWasLeftCountsUpToThere() throws IOException {
    files.put(FIFTH, 'a');
    files.put(FIFTH.file() + ".partial", content(FIFTH, 'a'));
    files.put(segment(1, 6), 'a');
    files.history(2, "1\t" + at(5, 9000) + "\tno recovery target specified");
    byte[] before = Arrays.copyOf(content(FIFTH, 'a'), 9000);
    assertThat(beginning(FIFTH.file())).isEqualTo(before);
    assertThat(beginning(FIFTH.file() + ".partial")).isEqualTo(before);
    assertThat(folder.read(segment(1, 6).file())).isInstanceOf(WalFile.Unneeded.class);
    files.history(
        3,
        "1\t" + at(5, 9000) + "\tno recovery target specified",
        "2\t" + at(5, 12000) + "\tno recovery target specified");
    assertThat(beginning(FIFTH.file())).isEqualTo(before);
  }

  @Test
  void ofTheLastSegmentOfALostServerComesWhatWasWritten() throws IOException {
    files.put(segment(1, 4), 'a');
    files.putUnfinished(FIFTH, 20_000, 'a');
    assertThat(folder.readUnsaid(segment(1, 4).file())).isInstanceOf(WalFile.Whole.class);
    WalFile last = folder.readUnsaid(FIFTH.file());
    assertThat(((WalFile.Beginning) last).content())
        .isEqualTo(Arrays.copyOf(content(FIFTH, 'a'), 20_000));
    // PostgreSQL's own word counts for more.
    Path notes = Files.createDirectory(path.resolve("archive_status"));
    Files.createFile(notes.resolve(FIFTH.file() + ".ready"));
    assertThat(folder.readUnsaid(FIFTH.file())).isInstanceOf(WalFile.Whole.class);
  }

  @Test
  void aBackupsLabelHasNoPlaceInAnArchive() {
    assertThat(folder.read(FIFTH.file() + ".00000028.backup")).isInstanceOf(WalFile.Unneeded.class);
  }
}
