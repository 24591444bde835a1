package io.pgfleet.gateway;

import java.util.ArrayList;
import org.jspecify.annotations.Nullable;

/**
 * Moments at which something has to be looked at, to a tick. Setting, moving and clearing one costs
 * the same however many there are, and only what is due is touched, apart from what comes round
 * again because its moment is more than a turn away.
 *
 * <p>The idea is that of hashed timing wheels (Varghese and Lauck, 1987).
 */
final class Wheel {
  private static final int SLOTS = 512;

  /** Something with a deadline. */
  interface Due {
    /** The moment has come; it is set no more. */
    void due();
  }

  /** One moment, or none. */
  static final class Alarm {
    private final Due owner;
    private long at;
    private boolean set;
    private int slot;
    private @Nullable Alarm previous;
    private @Nullable Alarm next;

    Alarm(Due owner) {
      this.owner = owner;
    }

    /** Whether it will ring no later than a moment. */
    boolean ringsBy(long moment) {
      return set && at - moment <= 0;
    }
  }

  private final @Nullable Alarm[] slots = new @Nullable Alarm[SLOTS];
  private final ArrayList<Alarm> ringing = new ArrayList<>();
  private final long tick;
  private final long start;
  private long turned;
  private int size;

  /** Both in nanoseconds. */
  Wheel(long tick, long start) {
    this.tick = tick;
    this.start = start;
  }

  /** Sets an alarm, or moves it. It rings at the first {@link #turn} at or after the moment. */
  void set(Alarm alarm, long at) {
    clear(alarm);
    int slot = (int) (Math.max(turned + 1, Math.ceilDiv(at - start, tick)) & SLOTS - 1);
    Alarm first = slots[slot];
    if (first != null) {
      first.previous = alarm;
    }
    alarm.at = at;
    alarm.set = true;
    alarm.slot = slot;
    alarm.next = first;
    slots[slot] = alarm;
    size++;
  }

  /** Takes an alarm out, if it is set. */
  void clear(Alarm alarm) {
    if (!alarm.set) {
      return;
    }
    Alarm before = alarm.previous;
    Alarm after = alarm.next;
    if (after != null) {
      after.previous = before;
    }
    if (before != null) {
      before.next = after;
    } else {
      slots[alarm.slot] = after;
    }
    alarm.previous = null;
    alarm.next = null;
    alarm.set = false;
    size--;
  }

  /** Rings all that is due. */
  void turn(long now) {
    long number = Math.floorDiv(now - start, tick);
    long from = Math.max(turned + 1, number - SLOTS + 1);
    turned = Math.max(turned, number);
    for (long i = from; i <= number; i++) {
      for (Alarm alarm = slots[(int) (i & SLOTS - 1)]; alarm != null; alarm = alarm.next) {
        if (alarm.ringsBy(now)) {
          ringing.add(alarm);
        }
      }
    }
    for (int i = 0; i < ringing.size(); i++) {
      Alarm alarm = ringing.get(i);
      // one that rang before it may have moved it
      if (alarm.ringsBy(now)) {
        clear(alarm);
        alarm.owner.due();
      }
    }
    ringing.clear();
  }

  int size() {
    return size;
  }
}
