package io.pgfleet.consensus;

import io.pgfleet.consensus.AgreementUnavailableException.Outcome;
import io.pgfleet.consensus.MemoryConsensus.Snapshot;
import io.pgfleet.consensus.MemoryConsensus.Stored;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One client's session with the {@link MemoryConsensus}, as unkind as {@link Agreement} allows:
 * reads may be stale, answers get lost, and a write whose answer is missing may be made later, even
 * after its process has died, as long as its session lives and makes no other write.
 */
public final class MemoryAgreement implements Agreement {
  private static final long MILLISECOND = 1_000_000;

  /** A write that is still on its way. */
  private static final class Straggler {
    final List<Change> changes;
    boolean settled;
    boolean made;

    Straggler(List<Change> changes) {
      this.changes = changes;
    }
  }

  private final MemoryConsensus consensus;
  private final Surroundings around;
  private final long id;
  private final long lag;
  private final SessionCertainty certainty;
  private long seen;
  private boolean lost;
  private @Nullable Straggler straggler;

  private MemoryAgreement(MemoryConsensus consensus, Surroundings around) {
    this.consensus = consensus;
    this.around = around;
    long asked = around.nanos();
    around.pause(MILLISECOND * (1 + around.random().nextInt(20)));
    if (!around.reachable()) {
      around.pause(consensus.timeout().toNanos());
      throw unavailable(Outcome.NOT_DONE);
    }
    this.id = consensus.open(around);
    this.seen = consensus.now().number();
    this.lag = lagOf(around);
    this.certainty = new SessionCertainty(consensus.timeout(), asked);
    certainty.acknowledged(asked, around.nanos());
    renewLater();
  }

  /** Opens a session. */
  public static MemoryAgreement open(MemoryConsensus consensus, Surroundings around) {
    return new MemoryAgreement(consensus, around);
  }

  private static long lagOf(Surroundings around) {
    return switch (around.random().nextInt(4)) {
      case 0, 1 -> 0;
      case 2 -> 20 * MILLISECOND;
      default -> 1500 * MILLISECOND;
    };
  }

  private void renewLater() {
    around.after(
        consensus.timeout().toNanos() / 6,
        () -> {
          if (!around.alive() || lost) {
            return;
          }
          if (around.awake()) {
            renew();
            // Unreachable for so long, it must have expired.
            lost = around.nanos() - certainty.certainUntil() > consensus.timeout().toNanos();
          }
          renewLater();
        });
  }

  private void renew() {
    long sent = around.nanos();
    if (!around.reachable()) {
      return;
    }
    around.after(
        delay(),
        () -> {
          consensus.touch(id);
          around.after(delay(), () -> renewed(sent));
        });
  }

  private void renewed(long sent) {
    if (around.reachable() && around.awake()) {
      if (consensus.lives(id)) {
        certainty.acknowledged(sent, around.nanos());
      } else {
        lost = true;
      }
    }
  }

  private long delay() {
    return around.random().nextInt(50) == 0
        ? around.random().nextLong(300 * MILLISECOND)
        : around.random().nextLong(3 * MILLISECOND);
  }

  private void travel() {
    around.pause(delay());
  }

  private Snapshot look() {
    if (lost) {
      throw unavailable(Outcome.NOT_DONE);
    }
    if (around.random().nextInt(4) == 0) {
      travel();
    }
    if (!around.reachable()) {
      around.pause(consensus.timeout().toNanos());
    }
    if (!around.reachable()) {
      throw unavailable(Outcome.NOT_DONE);
    }
    if (!consensus.lives(id)) {
      lost = true;
      throw unavailable(Outcome.NOT_DONE);
    }
    Snapshot found = consensus.seenBy(seen, lag == 0 ? 0 : around.random().nextLong(lag));
    seen = Math.max(seen, found.number());
    return found;
  }

  @Override
  public Optional<Entry> read(String path) {
    Stored stored = look().entries().get(path);
    return stored == null
        ? Optional.empty()
        : Optional.of(
            new Entry(
                path,
                stored.data(),
                stored.version(),
                stored.owner() == 0 ? Lifetime.PERSISTENT : Lifetime.SESSION,
                stored.owner() == id));
  }

  @Override
  public List<String> children(String path) {
    String prefix = path + "/";
    return look().entries().tailMap(prefix).keySet().stream()
        .takeWhile(key -> key.startsWith(prefix))
        .map(key -> key.substring(prefix.length()))
        .filter(name -> name.indexOf('/') < 0)
        .toList();
  }

  @Override
  public void catchUp() {
    write(List.of());
  }

  @Override
  public Entry create(String path, byte[] data, Lifetime lifetime) {
    write(List.of(new Change.Create(path, data, lifetime)));
    return new Entry(path, data, 0, lifetime, lifetime == Lifetime.SESSION);
  }

  @Override
  public Entry compareAndSet(String path, byte[] data, int expectedVersion) {
    write(List.of(new Change.Set(path, data, expectedVersion)));
    return new Entry(path, data, expectedVersion + 1, Lifetime.PERSISTENT, false);
  }

  @Override
  public void delete(String path, int expectedVersion) {
    write(List.of(new Change.Delete(path, expectedVersion)));
  }

  @Override
  public void commit(List<Change> changes) {
    write(changes);
  }

  private void write(List<Change> changes) {
    if (lost) {
      throw unavailable(Outcome.NOT_DONE);
    }
    travel();
    boolean way = around.reachable() && around.random().nextInt(around.losesOneIn()) != 0;
    if (straggler != null) {
      if (!around.reachable()) {
        around.pause(consensus.timeout().toNanos());
        throw unavailable(Outcome.NOT_DONE);
      }
      straggler.settled = true;
      straggler = null;
    }
    if (!way) {
      goAstray(changes);
      return;
    }
    if (!consensus.lives(id)) {
      lost = true;
      throw unavailable(Outcome.NOT_DONE);
    }
    // Also a write that does not fit was taken in by the servers.
    seen = consensus.now().number();
    seen = consensus.apply(id, changes);
    travel();
    if (!around.reachable() || around.random().nextInt(around.losesOneIn()) == 0) {
      around.pause(consensus.timeout().toNanos() / 4);
      throw unavailable(Outcome.UNKNOWN);
    }
  }

  /** The write leaves, and no answer comes. */
  private void goAstray(List<Change> changes) {
    if (around.random().nextInt(3) == 0) {
      around.pause(consensus.timeout().toNanos());
      throw unavailable(Outcome.NOT_DONE);
    }
    Straggler stray = new Straggler(changes);
    straggler = stray;
    around.after(around.random().nextLong(2 * consensus.timeout().toNanos()), () -> arrive(stray));
    around.pause(around.random().nextLong(consensus.timeout().toNanos()));
    if (around.reachable() && around.random().nextBoolean()) {
      stray.settled = true;
      straggler = null;
      if (stray.made) {
        return;
      }
      throw unavailable(Outcome.NOT_DONE);
    }
    throw unavailable(Outcome.UNKNOWN);
  }

  private void arrive(Straggler stray) {
    if (!stray.settled && consensus.lives(id)) {
      stray.settled = true;
      try {
        consensus.apply(id, stray.changes);
        stray.made = true;
      } catch (ConflictException expected) {
        stray.made = false;
      }
    }
  }

  private static AgreementUnavailableException unavailable(Outcome outcome) {
    return new AgreementUnavailableException(outcome, "no answer (" + outcome + ")", null);
  }

  @Override
  public Watch watch(String subtree, Runnable onChange) {
    throw new UnsupportedOperationException("the simulation wakes agents by itself");
  }

  @Override
  public Session session() {
    return new Session() {
      @Override
      public long id() {
        return id;
      }

      @Override
      public Duration timeout() {
        return consensus.timeout();
      }

      @Override
      public Duration remaining() {
        long left = certainty.certainUntil() - around.nanos();
        return left <= 0 || lost ? Duration.ZERO : Duration.ofNanos(left);
      }

      @Override
      public long certainUntilNanos() {
        return certainty.certainUntil();
      }

      @Override
      public boolean lost() {
        return lost;
      }
    };
  }

  /** Ends the session if the servers can be reached; a killed process says no farewell. */
  @Override
  public void close() {
    lost = true;
    if (around.alive() && around.reachable()) {
      consensus.close(id);
    }
  }
}
