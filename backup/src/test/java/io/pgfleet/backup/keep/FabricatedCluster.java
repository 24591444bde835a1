package io.pgfleet.backup.keep;

import static io.pgfleet.backup.wal.FabricatedWal.SIZE;
import static io.pgfleet.backup.wal.FabricatedWal.at;

import io.pgfleet.backup.Archive;
import io.pgfleet.backup.base.FabricatedBackups;
import io.pgfleet.backup.base.Manifest;
import io.pgfleet.backup.sealed.UserKey;
import io.pgfleet.backup.store.ObjectStore;
import io.pgfleet.backup.wal.FabricatedWal;
import io.pgfleet.backup.wal.TimelineHistory;
import io.pgfleet.backup.wal.WalArchive;
import io.pgfleet.wire.Lsn;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** A cluster that is only written down, with its archive: it writes, fails over, and loses. */
final class FabricatedCluster {
  private static final int MOST_SEGMENTS = 3;

  /** Something that was committed, and archived at once. */
  record Moment(Instant time, int timeline, Lsn position) {}

  final Archive archive;
  final WalArchive wal;
  final List<Moment> moments = new ArrayList<>();
  private final FabricatedWal segments;
  private final FabricatedBackups backups;
  private final Random random;
  Instant now = Instant.parse("2026-11-22T12:00:00Z");
  TimelineHistory line = TimelineHistory.first(1);

  /** Where each timeline was left, as PostgreSQL writes it down. */
  private final List<Lsn> left = new ArrayList<>();

  /** The segment that is being written, and how much of it is. */
  private long number = 1;

  private int offset = 40;
  private int archived;

  FabricatedCluster(ObjectStore store, Random random) {
    this(store, Optional.empty(), random);
  }

  FabricatedCluster(ObjectStore store, Optional<UserKey> key, Random random) {
    this.archive = Archive.open(store, new Archive.Owner("shop", "main", 7), key);
    this.wal = new WalArchive(archive, SIZE);
    this.segments = new FabricatedWal(wal);
    this.backups = new FabricatedBackups(archive, SIZE);
    this.random = random;
  }

  Lsn position() {
    return at(number, offset);
  }

  /** Archives the rest of the segment that is being written. */
  private void archive() {
    if (offset > archived) {
      segments.piece(line.timeline(), number, archived, offset);
      archived = offset;
    }
  }

  /** Writes a few segments, or some bytes of one. */
  void write() {
    for (int i = random.nextInt(MOST_SEGMENTS + 1); i > 0; i--) {
      segments.whole(line.timeline(), number++);
      offset = 0;
      archived = 0;
    }
    offset += 1 + random.nextInt(1000);
    archive();
    moments.add(new Moment(now, line.timeline(), position()));
  }

  /** Takes a backup while something is written. */
  Manifest backup() {
    return backup(Optional.empty());
  }

  /** One that is based on the newest that can be restored, if there is one. */
  Manifest incremental() {
    return backup(Prior.of(archive, Optional.empty(), now).backup().map(Manifest::id));
  }

  Manifest backup(Optional<String> prior) {
    Instant began = now;
    Lsn start = at(number, random.nextInt(offset + 1));
    write();
    pass();
    return backups.put(
        began, now, line.timeline(), new Lsn[] {start, position()}, 1 + random.nextInt(3), prior);
  }

  void killedBackup() {
    backups.killed(now, 1 + random.nextInt(3));
  }

  /** A standby takes over, perhaps without the end of what the former primary has archived. */
  void failOver(boolean lossy) {
    // Never before where the timeline itself began.
    Lsn begin = line.forks().isEmpty() ? at(1, 0) : line.forks().getLast().end();
    fork(lossy ? back(begin) : position());
  }

  /** All is lost, and made again as it was some time ago, perhaps before the last failover. */
  void restore() {
    fork(back(at(1, 0)));
  }

  private Lsn back(Lsn least) {
    long bytes = Math.min(position().minus(least), (long) (random.nextDouble() * 5 * SIZE));
    return new Lsn(position().value() - bytes);
  }

  private void fork(Lsn fork) {
    left.add(fork);
    int timeline = left.size() + 1;
    segments.history(timeline, left.toArray(Lsn[]::new));
    line = wal.history(timeline, true).orElseThrow();
    number = fork.value() / SIZE;
    offset = (int) (fork.value() % SIZE);
    archived = 0; // the new timeline has a segment of this number of its own
    offset += 1;
    archive();
  }

  /** WAL that nobody archives, of which the archiver writes down that it is lost, or not. */
  void lose(boolean told) {
    Lsn from = position();
    number += 1 + random.nextInt(2);
    offset = 0;
    archived = 0;
    if (told) {
      segments.gap(line.timeline(), from, position());
    }
    offset = 1;
    archive();
  }

  void pass() {
    now = now.plus(Duration.ofMinutes(1 + random.nextInt(600)));
  }
}
