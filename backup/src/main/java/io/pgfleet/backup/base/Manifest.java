package io.pgfleet.backup.base;

import io.pgfleet.wire.Lsn;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What a base backup consists of. It is written last, so a backup that has one is whole.
 *
 * @param format the version of this form: 1, and 2 of an incremental backup, which a program that
 *     knows only the first would take for a full one, and 3 of one whose packs are named, which a
 *     program that knows only the others would look for elsewhere
 * @param id the backup's name: when it was begun, in UTC, and its kind
 * @param system the cluster's system identifier
 * @param version of the server's PostgreSQL
 * @param source the node it was taken from
 * @param timeline of the start
 * @param start where the WAL that it needs begins
 * @param finish from where on it is consistent
 * @param finishTimeline that of the end, which is another where a standby has changed it meanwhile
 * @param bytes of its files
 * @param stored bytes in the repository
 * @param folders in the order in which they are made
 * @param packs the bytes of each pack's content
 * @param segment bytes of a WAL segment in the cluster
 * @param checksums SHA-256 of each pack's object, in hexadecimal digits, so that none can take
 *     another's place; empty in a manifest that does not say them
 * @param prior the name of the backup that this one is based on; none of a full one
 * @param resumed what says so of one that went on with packs of an earlier attempt
 */
public record Manifest(
    int format,
    String id,
    long system,
    String version,
    String source,
    int timeline,
    Lsn start,
    Lsn finish,
    int finishTimeline,
    Instant began,
    Instant ended,
    long bytes,
    long stored,
    List<String> folders,
    List<PackedFile> files,
    List<Integer> packs,
    int segment,
    List<String> checksums,
    Optional<String> prior,
    Optional<Resumed> resumed) {
  /** Also of those that began in one second, which their names do not tell apart. */
  public static final Comparator<Manifest> OLDEST_FIRST =
      Comparator.comparing(Manifest::began).thenComparing(Manifest::id);

  /** The version of a full backup's. */
  public static final int FORMAT = 1;

  /** The version of an incremental backup's. */
  public static final int INCREMENTAL_FORMAT = 2;

  /** The version of one, full or incremental, that was resumed. */
  public static final int RESUMED_FORMAT = 3;

  /** Bytes of a WAL segment where a manifest does not say it. */
  private static final int USUAL_SEGMENT = 16 * 1024 * 1024;

  public Manifest {
    // What a manifest does not say comes as 0 and null.
    prior = prior == null ? Optional.empty() : prior;
    resumed = resumed == null ? Optional.empty() : resumed;
    if (format != format(prior.isPresent(), resumed.isPresent())) {
      throw new IllegalArgumentException("version " + format + " of the manifest");
    }
    folders = List.copyOf(folders);
    files = List.copyOf(files);
    packs = List.copyOf(packs);
    segment = segment == 0 ? USUAL_SEGMENT : segment;
    checksums = checksums == null ? List.of() : List.copyOf(checksums);
    if (!checksums.isEmpty() && checksums.size() != packs.size()) {
      throw new IllegalArgumentException(
          checksums.size() + " checksums of " + packs.size() + " packs");
    }
    if (resumed.isPresent() && resumed.get().objects().size() != packs.size()) {
      throw new IllegalArgumentException(
          resumed.get().objects().size() + " names of " + packs.size() + " packs");
    }
  }

  /** The version that a backup's manifest has. */
  static int format(boolean incremental, boolean resumed) {
    return resumed ? RESUMED_FORMAT : incremental ? INCREMENTAL_FORMAT : FORMAT;
  }

  /**
   * What an attempt has made of an earlier one that broke off.
   *
   * @param carried how many packs were there already
   * @param objects where each pack is, below the backup's folder
   */
  public record Resumed(int carried, List<String> objects) {
    public Resumed {
      objects = List.copyOf(objects);
    }
  }

  /**
   * A file. It lies in consecutive packs: from a place in the first, and from the beginning of each
   * further one.
   *
   * @param pack the first pack's number
   * @param offset in its content
   */
  public record PackedFile(String name, long size, int pack, int offset) {}

  /** The same with some of its files, and with other folders: what a restore takes of it. */
  Manifest only(List<String> otherFolders, List<PackedFile> someFiles) {
    return new Manifest(
        format,
        id,
        system,
        version,
        source,
        timeline,
        start,
        finish,
        finishTimeline,
        began,
        ended,
        someFiles.stream().mapToLong(PackedFile::size).sum(),
        stored,
        otherFolders,
        someFiles,
        packs,
        segment,
        checksums,
        prior,
        resumed);
  }

  /** Whether it holds only what was changed since the backup that it is based on. */
  public boolean incremental() {
    return prior.isPresent();
  }

  /** A file by its name; none if there is none. */
  Optional<PackedFile> file(String name) {
    return files.stream().filter(file -> file.name().equals(name)).findFirst();
  }

  /** What a pack's object must end with, if the manifest says it. */
  public Optional<String> checksum(int pack) {
    return checksums.isEmpty() ? Optional.empty() : Optional.of(checksums.get(pack));
  }

  /** The object that holds a backup's manifest. */
  public static String object(String id) {
    return "backups/" + id + "/manifest";
  }

  /** Whether an object holds a manifest. */
  public static boolean isManifest(String object) {
    return object.startsWith("backups/") && object.endsWith("/manifest");
  }

  /** The object that holds a pack of a backup that no earlier attempt has begun. */
  public static String pack(String id, int number) {
    return Attempt.first(id).object(Attempt.first(id).pack(number));
  }

  /** The object that holds a pack. */
  public String packObject(int number) {
    return resumed
        .map(names -> Attempt.first(id).object(names.objects().get(number)))
        .orElseGet(() -> pack(id, number));
  }

  /** The objects that hold the packs, in their order. */
  public List<String> packObjects() {
    return IntStream.range(0, packs.size()).mapToObj(this::packObject).toList();
  }
}
