package io.pgfleet.backup.push;

import io.pgfleet.backup.wal.SegmentName;

/** A file of {@code pg_wal} as it is to lie in an archive. */
public sealed interface WalFile {
  /** Its name in {@code pg_wal}. */
  String name();

  /** A finished segment. */
  record Whole(SegmentName segment, byte[] content) implements WalFile {
    @Override
    public String name() {
      return segment.file();
    }
  }

  /**
   * The beginning of a segment: its timeline was left there, or no more was written.
   *
   * @param name of the file, which may end with {@code .partial}
   */
  record Beginning(String name, SegmentName segment, byte[] content) implements WalFile {}

  /** A timeline's history. */
  record History(String name, int timeline, String content) implements WalFile {}

  /**
   * What has no place in an archive.
   *
   * @param why a sentence
   */
  record Unneeded(String name, String why) implements WalFile {}
}
