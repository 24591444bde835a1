package io.pgfleet.agent.sim;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.function.Supplier;

/** Simulated time: whatever is due first happens next, one thing at a time. */
final class World {
  private static final int REMEMBERED = 4_000;

  private record Event(long at, long number, Runnable what) implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      int byTime = Long.compare(at, other.at);
      return byTime != 0 ? byTime : Long.compare(number, other.number);
    }
  }

  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private final Deque<String> journal = new ArrayDeque<>();
  private final boolean telling;
  private final Random random;
  private long now = Duration.ofSeconds(1).toNanos();
  private long number;

  World(long seed, boolean telling) {
    this.random = new Random(seed);
    this.telling = telling;
  }

  long nanos() {
    return now;
  }

  Random random() {
    return random;
  }

  /** A random span of time. */
  long between(Duration least, Duration most) {
    return least.toNanos() + random.nextLong(most.toNanos() - least.toNanos() + 1);
  }

  long millis(long least, long most) {
    return between(Duration.ofMillis(least), Duration.ofMillis(most));
  }

  boolean oneIn(int many) {
    return random.nextInt(many) == 0;
  }

  void after(long nanos, Runnable what) {
    events.add(new Event(now + Math.max(0, nanos), number++, what));
  }

  /** Lets the next thing happen. */
  void step() {
    Event next = events.remove();
    now = next.at();
    next.what().run();
  }

  /** Notes something for whoever must understand a failure. */
  void tell(Supplier<String> what) {
    if (telling) {
      journal.addLast("%10.3f ".formatted((now - 1_000_000_000L) / 1e9) + what.get());
      if (journal.size() > REMEMBERED) {
        journal.removeFirst();
      }
    }
  }

  String journal() {
    return String.join("\n", journal);
  }
}
