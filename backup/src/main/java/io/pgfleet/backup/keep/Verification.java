package io.pgfleet.backup.keep;

import static java.util.stream.Collectors.toSet;

import io.pgfleet.backup.Archive;
import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.BackupException.Kind;
import io.pgfleet.backup.base.Backups;
import io.pgfleet.backup.base.Manifest;
import io.pgfleet.backup.restore.MissingWal;
import io.pgfleet.backup.restore.RestorePlan;
import io.pgfleet.backup.rows.RowCountFile;
import io.pgfleet.backup.store.ObjectStore.Listed;
import io.pgfleet.backup.wal.SegmentName;
import io.pgfleet.backup.wal.WalArchive;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongConsumer;

/**
 * Reads every object of an archive again, and finds what is damaged or missing. Backups and WAL may
 * be put and deleted meanwhile; what is no longer there when it is to be read is missing only if
 * something that is there needs it.
 */
public final class Verification {
  private static final String BACKUPS = "backups/";

  private final Archive archive;
  private final Backups backups;

  /** That of an archive. */
  public Verification(Archive archive) {
    this.archive = archive;
    this.backups = new Backups(archive);
  }

  /**
   * Something that is not as it was written.
   *
   * @param object its name in the archive; that of the keys in the store, since they are the
   *     fleet's
   * @param backup the backup that can't be restored because of it; none if it is WAL or what no
   *     restore needs
   */
  public record Finding(String object, Optional<String> backup, Kind kind, String message) {}

  /**
   * What was read.
   *
   * @param objects how many
   * @param bytes in the store
   */
  public record Report(long objects, long bytes, List<Finding> findings) {
    public Report {
      findings = List.copyOf(findings);
    }

    /** Whether all is as it was written. */
    public boolean clean() {
      return findings.isEmpty();
    }
  }

  /**
   * Reads everything.
   *
   * @param read told the bytes of each object that was read
   * @throws BackupException if the store can't be reached
   */
  public Report run(LongConsumer read) {
    List<Finding> findings = new ArrayList<>();
    archive.keysObject().ifPresent(keys -> check(keys, findings, archive::verifyKeys));
    Map<String, String> checksums = checksums(BackupListing.of(archive));
    long objects = 0;
    long bytes = 0;
    for (String folder : List.of("backups", "wal", "drills")) {
      for (Listed listed : archive.list(folder)) {
        objects++;
        bytes += listed.size();
        Optional<String> checksum = Optional.ofNullable(checksums.get(listed.name()));
        checkListed(listed.name(), checksum, findings);
        read.accept(listed.size());
      }
    }
    BackupListing now = BackupListing.of(archive);
    now.damaged().forEach((id, why) -> add(findings, Manifest.object(id), Optional.of(id), why));
    now.whole().forEach(backup -> lacks(backup, now, findings));
    resting(now, findings);
    now.whole().stream()
        .mapToInt(Manifest::segment)
        .reduce((_, newest) -> newest)
        .ifPresent(size -> chains(new WalArchive(archive, size), findings));
    return new Report(objects, bytes, findings);
  }

  private static Map<String, String> checksums(BackupListing listing) {
    Map<String, String> checksums = new HashMap<>();
    for (Manifest backup : listing.whole()) {
      for (int pack = 0; pack < backup.packs().size(); pack++) {
        String object = backup.packObject(pack);
        backup.checksum(pack).ifPresent(checksum -> checksums.put(object, checksum));
      }
    }
    return checksums;
  }

  private void checkListed(String name, Optional<String> checksum, List<Finding> findings) {
    check(
        name,
        findings,
        () -> {
          try {
            archive.verify(name, checksum);
          } catch (BackupException e) {
            // Pieces go for their segment, and what is too old goes: looked for below.
            if (e.kind() != Kind.MISSING) {
              throw e;
            }
          }
        });
  }

  private static void check(String name, List<Finding> findings, Runnable look) {
    try {
      look.run();
    } catch (BackupException e) {
      add(findings, name, backup(name), e);
    }
  }

  /** Of one object the first finding says it. */
  private static void add(
      List<Finding> findings, String object, Optional<String> backup, BackupException why) {
    if (why.kind() == Kind.STORE) {
      throw why;
    }
    if (findings.stream().noneMatch(finding -> finding.object().equals(object))) {
      findings.add(new Finding(object, backup, why.kind(), why.getMessage()));
    }
  }

  private static Optional<String> backup(String name) {
    int begin = BACKUPS.length();
    return name.startsWith(BACKUPS) && name.indexOf('/', begin) > 0 && !RowCountFile.is(name)
        ? Optional.of(name.substring(begin, name.indexOf('/', begin)))
        : Optional.empty();
  }

  private void lacks(Manifest backup, BackupListing listing, List<Finding> findings) {
    List<String> lacking = listing.lacking(backup);
    if (lacking.isEmpty()) {
      return;
    }
    // One that was being taken or deleted has all its packs by now, or no manifest any more.
    Set<String> there = backups.objects(backup.id());
    if (backups.isWhole(backup.id())) {
      lacking.stream()
          .filter(object -> !there.contains(object))
          .forEach(object ->
              findings.add(
                  new Finding(
                      object,
                      Optional.of(backup.id()),
                      Kind.MISSING,
                      "The object " + object + " is missing.")));
    }
  }

  /** What is damaged takes those along that are based on it. */
  private static void resting(BackupListing listing, List<Finding> findings) {
    Set<String> broken =
        findings.stream().flatMap(finding -> finding.backup().stream()).collect(toSet());
    for (Manifest backup : listing.whole()) {
      Optional<String> why =
          listing.chain(backup).stream()
              .map(Manifest::id)
              .filter(id -> !id.equals(backup.id()) && broken.contains(id))
              .findFirst()
              .map(id -> "It rests on backup " + id + ", of which something is damaged.")
              .or(() -> listing.unsupported(backup));
      why.ifPresent(words ->
          findings.add(
              new Finding(
                  Manifest.object(backup.id()),
                  Optional.of(backup.id()),
                  Kind.MISSING,
                  "Backup " + backup.id() + " is as it was written. " + words)));
    }
  }

  /** What is missing of WAL so that not all that follows a backup can be restored. */
  private void chains(WalArchive wal, List<Finding> findings) {
    Coverage coverage;
    try {
      coverage = Coverage.of(archive, wal);
    } catch (BackupException e) {
      int newest = RestorePlan.newestTimeline(BackupListing.of(archive).whole(), wal);
      add(findings, WalArchive.historyObject(newest), Optional.empty(), e);
      return;
    }
    for (MissingWal gap : coverage.gaps()) {
      SegmentName first = SegmentName.of(gap.timeline(), gap.from(), wal.segmentSize());
      findings.add(
          new Finding(WalArchive.object(first), Optional.empty(), Kind.MISSING, gap.sentence()));
    }
  }
}
