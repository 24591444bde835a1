package io.pgfleet.backup.base;

import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.BackupException.Kind;
import io.pgfleet.backup.base.Manifest.PackedFile;
import io.pgfleet.postgres.backup.BaseBackup;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A backup and those that it is based on: a full one, then incremental ones, each on the one
 * before. A full backup is a chain by itself.
 *
 * @param backups the full one first
 */
public record BackupChain(List<Manifest> backups) {
  /** An incremental backup has files of these folders by their changed blocks. */
  private static final Set<String> RELATIONS = Set.of("base", "global");

  public BackupChain {
    backups = List.copyOf(backups);
  }

  /**
   * That of a backup.
   *
   * @throws BackupException if one that it is based on is missing or damaged
   */
  public static BackupChain of(Backups all, Manifest backup) {
    return of(backup, id -> all.find(id))
        .orElseThrow(() ->
            new BackupException(
                Kind.MISSING,
                "Backup " + backup.id() + " rests on a backup that is not in the repository.",
                "Restore another backup."));
  }

  /**
   * That of a backup among others.
   *
   * @return nothing if one that it is based on is not among them
   */
  public static Optional<BackupChain> of(Manifest backup, Map<String, Manifest> others) {
    return of(backup, id -> Optional.ofNullable(others.get(id)));
  }

  /** Those of the backups that have all that they are based on among them. */
  public static List<Manifest> restorable(List<Manifest> backups) {
    Map<String, Manifest> byName =
        backups.stream().collect(Collectors.toMap(Manifest::id, Function.identity()));
    return backups.stream().filter(backup -> of(backup, byName).isPresent()).toList();
  }

  private static Optional<BackupChain> of(
      Manifest backup, Function<String, Optional<Manifest>> find) {
    Deque<Manifest> chain = new ArrayDeque<>(List.of(backup));
    Set<String> names = new HashSet<>(Set.of(backup.id()));
    while (chain.getFirst().prior().isPresent()) {
      Optional<Manifest> prior = chain.getFirst().prior().flatMap(find);
      // One that rests on itself is as good as none.
      if (prior.isEmpty() || !names.add(prior.get().id())) {
        return Optional.empty();
      }
      chain.addFirst(prior.get());
    }
    return Optional.of(new BackupChain(List.copyOf(chain)));
  }

  /** The full backup that all others are based on. */
  public Manifest full() {
    return backups.getFirst();
  }

  /** The backup that is restored. */
  public Manifest last() {
    return backups.getLast();
  }

  /** Bytes that a restore writes; the files take no more than that. */
  public long bytes() {
    return layers().stream().mapToLong(Manifest::bytes).sum();
  }

  /** A file's name as it is in the data folder, where a backup may have its changed blocks. */
  static String plain(String name) {
    return isChanges(name) ? name.replace("/" + BaseBackup.INCREMENTAL, "/") : name;
  }

  /** Whether a file of an incremental backup holds changed blocks. */
  static boolean isChanges(String name) {
    int folder = name.indexOf('/');
    return folder > 0
        && RELATIONS.contains(name.substring(0, folder))
        && name.startsWith(BaseBackup.INCREMENTAL, name.lastIndexOf('/') + 1);
  }

  /**
   * What a restore takes of each backup, in their order: whatever the last one has, and of what it
   * has by changed blocks alone also what those before have, back to one that has the whole file.
   * So no file is written that is not there in the end, and none is written whole twice.
   *
   * @throws BackupException if changed blocks are of a file that the backup before does not have
   */
  List<Manifest> layers() {
    Deque<Manifest> layers = new ArrayDeque<>();
    Optional<Set<String>> wanted = Optional.empty();
    for (Manifest backup : backups.reversed()) {
      List<PackedFile> taken = new ArrayList<>();
      Set<String> further = new HashSet<>();
      for (PackedFile file : backup.files()) {
        String plain = backup.incremental() ? plain(file.name()) : file.name();
        boolean needed = wanted.map(names -> names.contains(plain)).orElse(true);
        if (!needed || file.name().equals(ServerManifest.NAME)) {
          continue;
        }
        taken.add(file);
        if (backup.incremental() && isChanges(file.name())) {
          further.add(plain);
        }
      }
      if (wanted.isPresent() && taken.size() != wanted.get().size()) {
        throw new BackupException(
            Kind.DAMAGED,
            "Backup "
                + last().id()
                + " has changes of a file that backup "
                + backup.id()
                + " does not have.",
            "Restore another backup.");
      }
      layers.addFirst(backup.only(List.of(), taken));
      wanted = Optional.of(further);
    }
    Manifest first = layers.removeFirst();
    layers.addFirst(first.only(last().folders(), first.files()));
    return List.copyOf(layers);
  }
}
