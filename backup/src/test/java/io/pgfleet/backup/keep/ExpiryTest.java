package io.pgfleet.backup.keep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgfleet.backup.Archive;
import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.base.BackupChain;
import io.pgfleet.backup.base.Backups;
import io.pgfleet.backup.base.Manifest;
import io.pgfleet.backup.restore.RecoveryTarget;
import io.pgfleet.backup.restore.RestorePlan;
import io.pgfleet.backup.store.FolderStore;
import io.pgfleet.backup.store.MemoryStore;
import io.pgfleet.backup.store.ObjectStore;
import io.pgfleet.backup.store.ObjectStore.Listed;
import io.pgfleet.backup.store.WrappedStore;
import io.pgfleet.backup.wal.WalObject;
import io.pgfleet.wire.Lsn;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExpiryTest {
  private static final int SEQUENCES = 15;
  private static final int STEPS = 40;

  @TempDir private Path folder;

  /** A store that fails after so many deletions. */
  private static final class BreakingStore extends WrappedStore {
    int left = Integer.MAX_VALUE;

    BreakingStore(ObjectStore store) {
      super(store);
    }

    @Override
    public void delete(String name) throws IOException {
      if (left == 0) {
        throw new IOException("the store is gone");
      }
      left--;
      super.delete(name);
    }
  }

  @Test
  void whateverHappenedWhatIsKeptCanBeRestoredAsBefore() {
    for (int seed = 0; seed < SEQUENCES; seed++) {
      sequence(seed, new MemoryStore());
    }
  }

  @Test
  void inAFolderToo() {
    for (int seed = 1000; seed < 1002; seed++) {
      sequence(seed, new FolderStore(folder.resolve("s" + seed)));
    }
  }

  private static void sequence(int seed, ObjectStore store) {
    Random random = new Random(seed);
    BreakingStore breaking = new BreakingStore(store);
    FabricatedCluster cluster = new FabricatedCluster(breaking, random);
    for (int step = 0; step < STEPS; step++) {
      String what = "seed " + seed + ", step " + step;
      switch (random.nextInt(20)) {
        case 0 -> cluster.failOver(random.nextBoolean());
        case 1 -> cluster.failOver(true);
        case 2 -> cluster.restore();
        case 3 -> cluster.lose(random.nextBoolean());
        case 4 -> cluster.killedBackup();
        case 5, 6 -> cluster.backup();
        case 7, 8 -> cluster.incremental();
        case 9, 10 -> expire(cluster, breaking, random, what);
        default -> cluster.write();
      }
      cluster.pass();
    }
  }

  /** What a restore from each backup alone would be, or why there is none. */
  private static Map<String, String> outcomes(FabricatedCluster cluster) {
    Map<String, String> outcomes = new TreeMap<>();
    for (Manifest backup : new Backups(cluster.archive).all()) {
      String outcome;
      try {
        RestorePlan plan =
            RestorePlan.of(List.of(backup), cluster.wal, new RecoveryTarget.Mark("any"));
        outcome = plan.timeline() + " " + plan.end() + " " + plan.missing() + " " + names(plan);
      } catch (BackupException e) {
        outcome = e.getMessage();
      }
      outcomes.put(backup.id(), outcome);
    }
    return outcomes;
  }

  private static List<String> names(RestorePlan plan) {
    return plan.chain().stream().map(Object::toString).sorted().toList();
  }

  private static Set<FabricatedCluster.Moment> reachable(FabricatedCluster cluster) {
    List<Manifest> all = new Backups(cluster.archive).all();
    Set<FabricatedCluster.Moment> reachable = new HashSet<>();
    for (FabricatedCluster.Moment moment : cluster.moments) {
      try {
        RestorePlan plan = RestorePlan.of(all, cluster.wal, new RecoveryTarget.Time(moment.time()));
        if (cluster.line.holds(moment.timeline(), moment.position())
            && plan.end().reaches(moment.position())) {
          reachable.add(moment);
        }
      } catch (BackupException e) {
        // not this one
      }
    }
    return reachable;
  }

  private static Retention retention(Random random) {
    return switch (random.nextInt(6)) {
      case 0 -> Retention.ALL;
      case 1 -> new Retention(Optional.of(1), Optional.empty(), Optional.empty());
      case 2 -> new Retention(Optional.of(3), Optional.empty(), Optional.empty());
      case 3 -> new Retention(Optional.empty(), Optional.empty(), Optional.of(hours(random)));
      case 4 -> new Retention(Optional.empty(), Optional.of(hours(random)), Optional.empty());
      default ->
          new Retention(Optional.of(2), Optional.of(hours(random)), Optional.of(hours(random)));
    };
  }

  private static Duration hours(Random random) {
    return Duration.ofHours(1 + random.nextInt(72));
  }

  /** Which backups the rules keep, said in another way than the retention does. */
  private static Set<String> model(FabricatedCluster cluster, Retention retention) {
    List<Manifest> all = new Backups(cluster.archive).all();
    List<Manifest> line =
        all.stream()
            .filter(backup -> cluster.line.holds(backup.finishTimeline(), backup.finish()))
            .toList();
    if (line.isEmpty() || retention.equals(Retention.ALL)) {
      return all.stream().map(Manifest::id).collect(Collectors.toSet());
    }
    Instant begin = retention.window().map(cluster.now::minus).orElse(Instant.MAX);
    Instant young = retention.age().map(cluster.now::minus).orElse(Instant.MAX);
    List<Manifest> needed = new ArrayList<>(List.of(line.getLast()));
    needed.addAll(line.reversed().stream().limit(retention.count().orElse(0)).toList());
    line.stream().filter(backup -> backup.ended().isAfter(young)).forEach(needed::add);
    line.stream().filter(backup -> backup.ended().isAfter(begin)).forEach(needed::add);
    if (retention.window().isPresent()) {
      line.stream()
          .filter(backup -> !backup.ended().isAfter(begin))
          .max(Comparator.comparing(Manifest::ended))
          .ifPresent(needed::add);
    }
    Instant oldest = needed.stream().map(Manifest::ended).min(Comparator.naturalOrder()).get();
    List<Manifest> kept =
        all.stream()
            .filter(backup -> {
              boolean on = line.contains(backup);
              boolean late = !backup.ended().isBefore(oldest);
              boolean inWindow = retention.window().isEmpty() || backup.ended().isAfter(begin);
              return on ? late : backup.ended().isAfter(young) || (late && inWindow);
            })
            .toList();
    Set<String> names = new HashSet<>();
    for (Manifest backup : kept) {
      BackupChain.of(new Backups(cluster.archive), backup)
          .backups()
          .forEach(one -> names.add(one.id()));
    }
    return names;
  }

  private static void expire(
      FabricatedCluster cluster, BreakingStore store, Random random, String what) {
    Retention retention = retention(random);
    Map<String, String> outcomes = outcomes(cluster);
    Set<FabricatedCluster.Moment> reachable = reachable(cluster);
    Set<String> model = model(cluster, retention);
    Expiry expiry = new Expiry(cluster.archive, cluster.wal);
    Expiry.Plan plan = expiry.plan(retention, cluster.now);
    assertThat(plan.kept()).as(what).isEqualTo(model);

    // It may break off anywhere, and what is still a backup is one.
    store.left = random.nextInt(20);
    try {
      expiry.run(plan, _ -> {});
    } catch (BackupException e) {
      assertThat(e).hasMessageContaining("the store is gone");
    }
    store.left = Integer.MAX_VALUE;
    requireAsBefore(cluster, retention, outcomes, reachable, what);
    assertThat(outcomes(cluster).keySet()).as(what).containsAll(model);

    long before = bytes(cluster.archive);
    Expiry.Plan rest = expiry.plan(retention, cluster.now);
    long[] told = {0};
    expiry.run(rest, bytes -> told[0] += bytes);
    assertThat(told[0]).as(what).isEqualTo(rest.bytes()).isEqualTo(before - bytes(cluster.archive));
    requireAsBefore(cluster, retention, outcomes, reachable, what);
    assertThat(outcomes(cluster).keySet()).as(what).isEqualTo(model);
    assertThat(expiry.plan(retention, cluster.now).isEmpty()).as(what).isTrue();
    requireNothingUnneeded(cluster, what);
  }

  private static void requireAsBefore(
      FabricatedCluster cluster,
      Retention retention,
      Map<String, String> outcomes,
      Set<FabricatedCluster.Moment> reachable,
      String what) {
    Map<String, String> now = outcomes(cluster);
    BackupListing listing = BackupListing.of(cluster.archive);
    assertThat(listing.whole()).as(what).noneMatch(listing::lacksPack);
    assertThat(BackupChain.restorable(listing.whole())).as(what).isEqualTo(listing.whole());
    now.forEach((id, outcome) -> assertThat(outcome).as(what).isEqualTo(outcomes.get(id)));
    Instant begin =
        retention.equals(Retention.ALL)
            ? Instant.MIN
            : retention.window().map(cluster.now::minus).orElse(cluster.now);
    Set<FabricatedCluster.Moment> stillReachable = reachable(cluster);
    reachable.stream()
        .filter(moment -> !moment.time().isBefore(begin))
        .forEach(moment -> assertThat(stillReachable).as(what).contains(moment));
  }

  private static void requireNothingUnneeded(FabricatedCluster cluster, String what) {
    Optional<Lsn> cut =
        new Backups(cluster.archive)
            .all().stream().map(Manifest::start).min(Comparator.naturalOrder());
    for (WalObject object : cluster.wal.objects()) {
      assertThat(cut.isEmpty() || object.end().filter(cut.get()::reaches).isEmpty())
          .as("%s: %s", what, object)
          .isTrue();
    }
  }

  private static long bytes(Archive archive) {
    return archive.list("backups").stream().mapToLong(Listed::size).sum()
        + archive.list("wal").stream().mapToLong(Listed::size).sum();
  }

  private static FabricatedCluster cluster() {
    return new FabricatedCluster(new MemoryStore(), new Random(1));
  }

  private static final Retention ONE =
      new Retention(Optional.of(1), Optional.empty(), Optional.empty());

  @Test
  void aBackupOfABranchThatWasLeftIsNotTheNewest() {
    FabricatedCluster cluster;
    Manifest first;
    Manifest left;
    int seed = 0;
    do {
      cluster = new FabricatedCluster(new MemoryStore(), new Random(seed++));
      first = cluster.backup();
      cluster.write();
      left = cluster.backup();
      cluster.failOver(true);
    } while (cluster.line.holds(1, left.finish()) || !cluster.line.holds(1, first.finish()));
    Expiry expiry = new Expiry(cluster.archive, cluster.wal);
    assertThat(expiry.plan(ONE, cluster.now).kept()).containsOnly(first.id(), left.id());
    Manifest newest = cluster.backup();
    Expiry.Plan plan = expiry.plan(ONE, cluster.now);
    assertThat(plan.kept()).containsOnly(newest.id());
    assertThat(plan.backups())
        .extracting(Expiry.Expired::reason)
        .containsExactly(
            "is older than what is to be kept", "lies on a branch that was left, timeline 1");
  }

  @Test
  void aBackupThatLacksAPackDoesNotCount() {
    FabricatedCluster cluster = cluster();
    Manifest first = cluster.backup();
    Manifest second = cluster.backup();
    cluster.archive.delete(Manifest.pack(second.id(), 0));
    Expiry expiry = new Expiry(cluster.archive, cluster.wal);
    assertThat(expiry.plan(ONE, cluster.now).kept()).containsOnly(first.id(), second.id());
    Manifest third = cluster.backup();
    assertThat(expiry.plan(ONE, cluster.now).kept()).containsOnly(third.id());
    assertThat(expiry.plan(ONE, cluster.now).backups().getLast().reason()).contains("lacks a pack");
  }

  @Test
  void whatAKeptBackupIsBasedOnStaysAndCounts() {
    FabricatedCluster cluster = cluster();
    Manifest full = cluster.backup();
    Manifest first = cluster.incremental();
    Manifest second = cluster.incremental();
    Expiry expiry = new Expiry(cluster.archive, cluster.wal);
    assertThat(second.prior()).contains(first.id());
    assertThat(expiry.plan(ONE, cluster.now).kept())
        .containsOnly(full.id(), first.id(), second.id());
    Manifest next = cluster.backup();
    Expiry.Plan plan = expiry.plan(ONE, cluster.now);
    assertThat(plan.kept()).containsOnly(next.id());
    Manifest late = cluster.incremental();
    assertThat(late.prior()).contains(next.id());
    expiry.run(plan, _ -> {});
    assertThat(new Backups(cluster.archive).ids()).containsExactly(next.id(), late.id());
  }

  @Test
  void whatANewBackupIsBasedOnIsNotDeletedByAnEarlierPlan() {
    FabricatedCluster cluster = cluster();
    cluster.backup();
    Manifest second = cluster.backup();
    cluster.backup();
    Expiry expiry = new Expiry(cluster.archive, cluster.wal);
    Expiry.Plan plan = expiry.plan(ONE, cluster.now);
    cluster.backup(Optional.of(second.id()));
    assertThatThrownBy(() -> expiry.run(plan, _ -> {}))
        .isInstanceOf(BackupException.class)
        .hasMessageContaining("a new backup is based on one that was to go");
    assertThat(new Backups(cluster.archive).ids()).hasSize(4);
  }

  @Test
  void aBackupThatRestsOnADamagedOneDoesNotCount() {
    FabricatedCluster cluster = cluster();
    Manifest full = cluster.backup();
    Manifest second = cluster.backup();
    Manifest third = cluster.incremental();
    cluster.archive.delete(Manifest.pack(second.id(), 0));
    Expiry expiry = new Expiry(cluster.archive, cluster.wal);
    assertThat(expiry.plan(ONE, cluster.now).kept())
        .containsOnly(full.id(), second.id(), third.id());
    assertThat(cluster.incremental().prior()).contains(full.id());
    assertThat(Coverage.of(cluster.archive, cluster.wal).backups().get(2).unusable().orElseThrow())
        .contains("It rests on backup " + second.id() + ", which lacks");
  }

  @Test
  void aBackupThatCantBeReadGoesWithThoseOfItsTime() {
    FabricatedCluster cluster = cluster();
    Manifest first = cluster.backup();
    Manifest second = cluster.backup();
    cluster.archive.put(Manifest.object(first.id()), new byte[3]);
    Expiry expiry = new Expiry(cluster.archive, cluster.wal);
    assertThat(expiry.plan(ONE, cluster.now).backups()).isEmpty();
    Manifest third = cluster.backup();
    Expiry.Plan plan = expiry.plan(ONE, cluster.now);
    assertThat(plan.backups())
        .extracting(Expiry.Expired::id)
        .containsExactly(first.id(), second.id());
    assertThat(plan.kept()).containsOnly(third.id());
  }

  @Test
  void whatAKilledBackupLeftGoesAfterADay() {
    FabricatedCluster cluster = cluster();
    cluster.backup();
    cluster.killedBackup();
    Instant begin = cluster.now;
    Expiry expiry = new Expiry(cluster.archive, cluster.wal);
    assertThat(expiry.plan(Retention.ALL, begin.plus(Duration.ofHours(24))).isEmpty()).isTrue();
    Expiry.Plan plan = expiry.plan(Retention.ALL, begin.plus(Duration.ofHours(25)));
    assertThat(plan.backups()).isEmpty();
    assertThat(plan.leftovers()).hasSize(1);
    expiry.run(plan, _ -> {});
    assertThat(expiry.plan(Retention.ALL, begin.plus(Duration.ofHours(25))).isEmpty()).isTrue();
    assertThat(new Backups(cluster.archive).all()).hasSize(1);
  }

  @Test
  void aKilledBackupThatIsGoneOnWithIsNoRest() {
    FabricatedCluster cluster = cluster();
    cluster.killedBackup();
    Expiry expiry = new Expiry(cluster.archive, cluster.wal);
    Instant next = cluster.now.plus(Duration.ofHours(25));
    Expiry.Plan before = expiry.plan(Retention.ALL, next);
    assertThat(before.leftovers()).hasSize(1);
    // An attempt puts its journal before all else; this one began ten hours later.
    String id = before.leftovers().getFirst().id();
    cluster.archive.put("backups/" + id + "/journal-20261122T220000Z-0badcafe", new byte[3]);
    assertThat(expiry.plan(Retention.ALL, next).leftovers()).isEmpty();
    expiry.run(before, _ -> {});
    assertThat(cluster.archive.list("backups/" + id)).isNotEmpty();
    Instant later = Instant.parse("2026-11-23T22:00:01Z");
    expiry.run(expiry.plan(Retention.ALL, later), _ -> {});
    assertThat(cluster.archive.list("backups")).isEmpty();
  }

  @Test
  void aPlanThatIsNoLongerTrueIsNotCarriedOut() {
    FabricatedCluster cluster = cluster();
    Manifest first = cluster.backup();
    Manifest second = cluster.backup();
    Expiry expiry = new Expiry(cluster.archive, cluster.wal);
    Expiry.Plan plan = expiry.plan(ONE, cluster.now);
    assertThat(plan.backups()).extracting(Expiry.Expired::id).containsExactly(first.id());
    cluster.failOver(true);
    assertThatThrownBy(() -> expiry.run(plan, _ -> {}))
        .isInstanceOf(BackupException.class)
        .hasMessageContaining("there is a timeline 2");
    Expiry.Plan again = expiry.plan(ONE, cluster.now);
    new Backups(cluster.archive).delete(second.id());
    assertThatThrownBy(() -> expiry.run(again, _ -> {}))
        .isInstanceOf(BackupException.class)
        .hasMessageContaining("is gone");
    assertThat(new Backups(cluster.archive).ids()).containsExactly(first.id());
  }
}
