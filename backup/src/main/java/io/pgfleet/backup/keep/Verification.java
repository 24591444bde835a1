package io.pgfleet.backup.keep;

import io.pgfleet.backup.Archive;
import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.BackupException.Kind;
import io.pgfleet.backup.base.Backups;
import io.pgfleet.backup.base.Manifest;
import io.pgfleet.backup.store.ObjectStore.Listed;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongConsumer;

/** Reads every object of an archive again, and finds what is damaged or missing. */
public final class Verification {
  private static final String BACKUPS = "backups/";

  private final Archive archive;

  /** That of an archive. */
  public Verification(Archive archive) {
    this.archive = archive;
  }

  /**
   * Something that is not as it was written.
   *
   * @param object its name in the archive
   * @param backup the backup that can't be restored because of it; none if it is WAL
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
    Set<String> there = new HashSet<>();
    long objects = 0;
    long bytes = 0;
    for (String folder : List.of("backups", "wal")) {
      for (Listed listed : archive.list(folder)) {
        there.add(listed.name());
        objects++;
        bytes += listed.size();
        check(listed.name(), findings);
        read.accept(listed.size());
      }
    }
    Backups backups = new Backups(archive);
    for (String id : backups.ids()) {
      try {
        backups.find(id).ifPresent(manifest -> lacks(manifest, there, findings));
      } catch (BackupException e) {
        findings.add(new Finding(Manifest.object(id), Optional.of(id), e.kind(), e.getMessage()));
      }
    }
    return new Report(objects, bytes, findings.stream().distinct().toList());
  }

  private void check(String name, List<Finding> findings) {
    try {
      archive.verify(name);
    } catch (BackupException e) {
      if (e.kind() == Kind.STORE) {
        throw e;
      }
      findings.add(new Finding(name, backup(name), e.kind(), e.getMessage()));
    }
  }

  private static Optional<String> backup(String name) {
    return name.startsWith(BACKUPS)
        ? Optional.of(name.substring(BACKUPS.length(), name.indexOf('/', BACKUPS.length())))
        : Optional.empty();
  }

  private static void lacks(Manifest manifest, Set<String> there, List<Finding> findings) {
    for (int pack = 0; pack < manifest.packs().size(); pack++) {
      String object = Manifest.pack(manifest.id(), pack);
      if (!there.contains(object)) {
        findings.add(
            new Finding(
                object,
                Optional.of(manifest.id()),
                Kind.MISSING,
                "The object " + object + " is missing."));
      }
    }
  }
}
