package io.pgfleet.chaos.plan;

import io.pgfleet.chaos.plan.Fault.Victim;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/**
 * An endless row of faults that a seed decides alone. Kinds come in shuffled rounds, so that each
 * has come once before any comes twice more often than another.
 */
public final class FaultPlan {
  private static final int PRIMARY_OF_TEN = 6;
  private static final int LEAST_CALM_MILLIS = 1_500;
  private static final int MOST_CALM_MILLIS = 4_000;

  private final Random random;
  private final List<FaultKind> kinds;
  private final List<FaultKind> round = new ArrayList<>();
  private int number;

  /**
   * The plan of a seed.
   *
   * @param kinds those that may come; not empty
   */
  public FaultPlan(long seed, Set<FaultKind> kinds) {
    if (kinds.isEmpty()) {
      throw new IllegalArgumentException("a plan needs a kind of fault");
    }
    this.random = new Random(seed);
    this.kinds = List.copyOf(new TreeSet<>(kinds));
  }

  /** The next fault. */
  public Fault next() {
    if (round.isEmpty()) {
      round.addAll(kinds);
      Collections.shuffle(round, random);
    }
    FaultKind kind = round.removeLast();
    number++;
    FaultKind.Lasting range = kind.lasting();
    return new Fault(
        number,
        kind,
        victim(),
        random.nextInt(2),
        between(range.leastMillis(), range.mostMillis()),
        between(LEAST_CALM_MILLIS, MOST_CALM_MILLIS));
  }

  private Victim victim() {
    int drawn = random.nextInt(10);
    return drawn < PRIMARY_OF_TEN
        ? Victim.PRIMARY
        : drawn % 2 == 0 ? Victim.FIRST_STANDBY : Victim.LAST_STANDBY;
  }

  private Duration between(int least, int most) {
    return Duration.ofMillis(least + random.nextInt(most - least + 1));
  }
}
