package io.pgfleet.agent.model;

import io.pgfleet.agent.model.Steps.Sink;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Tries every step from every state that can be reached, breadth first, and checks the {@link
 * Rules} after each. A state that was reached before is not explored again, so a violation is found
 * by a shortest path.
 *
 * <h2>What is counted</h2>
 *
 * <p>A <em>schedule</em> is a path of steps from the beginning. Each is made and checked once as a
 * shortest path to a known state followed by one step more; so there are as many as there are pairs
 * of a state and a step from it that changes anything, and no two are the same. All longer paths
 * that differ only before a state they share are covered too, and not counted.
 */
final class Explorer {
  /**
   * What was found.
   *
   * @param states the states that differ
   * @param schedules see above
   * @param depth the most steps of a shortest path
   * @param whole whether every state within the bounds was reached, whatever the depth
   * @param sights what came up
   * @param violation the steps that lead to it and what it is; null if there is none
   */
  record Report(
      int states,
      long schedules,
      int depth,
      boolean whole,
      Set<Sight> sights,
      @Nullable List<String> violation) {
    String words() {
      return states
          + " states, "
          + schedules
          + " schedules, "
          + (whole ? "whole at depth " : "to depth ")
          + depth
          + ", "
          + sights;
    }
  }

  private final Bounds bounds;
  private final Steps steps;
  private final KnownStates known = new KnownStates();
  private final Fingerprint fingerprint = new Fingerprint();
  private int[] parents = new int[1 << 16];
  private short[] ordinals = new short[1 << 16];
  private List<State> next = new ArrayList<>();
  private final Set<Sight> sights = EnumSet.noneOf(Sight.class);
  private final Set<Sight> unseen = EnumSet.allOf(Sight.class);
  private long schedules;

  Explorer(Bounds bounds, Flaw flaw) {
    this.bounds = bounds;
    this.steps = new Steps(bounds, flaw);
  }

  /** One state's steps. */
  private final class Expansion implements Sink {
    private final State from;
    private final int number;
    private final long high;
    private final long low;
    private short ordinal;

    Expansion(State from, int number) {
      this.from = from;
      this.number = number;
      from.pack(fingerprint);
      this.high = fingerprint.high();
      this.low = fingerprint.low();
    }

    @Override
    public void step(Supplier<String> what, Consumer<State> change) {
      State to = from.copy();
      try {
        change.accept(to);
        Rules.check(to);
      } catch (Violation violation) {
        throw new Found(number, ordinal, violation);
      }
      to.pack(fingerprint);
      if (fingerprint.high() != high || fingerprint.low() != low) {
        schedules++;
        if (known.add(fingerprint)) {
          remember(to, number, ordinal);
        }
      }
      ordinal++;
    }
  }

  private static final class Found extends RuntimeException {
    private static final long serialVersionUID = 1L;

    final int state;
    final short ordinal;
    final String what;

    Found(int state, short ordinal, Violation violation) {
      super(violation.getMessage(), violation, false, false);
      this.state = state;
      this.ordinal = ordinal;
      this.what = String.valueOf(violation.getMessage());
    }
  }

  private void remember(State state, int parent, short ordinal) {
    int number = known.size() - 1;
    if (number == parents.length) {
      parents = Arrays.copyOf(parents, 2 * number);
      ordinals = Arrays.copyOf(ordinals, 2 * number);
    }
    parents[number] = parent;
    ordinals[number] = ordinal;
    next.add(state);
    for (Sight sight : unseen) {
      if (sight.isIn(state)) {
        sights.add(sight);
      }
    }
    unseen.removeAll(sights);
  }

  Report explore() {
    State first = State.first(bounds);
    first.pack(fingerprint);
    known.add(fingerprint);
    remember(first, -1, (short) 0);
    int depth = 0;
    try {
      while (!next.isEmpty() && depth < bounds.depth()) {
        level();
        depth++;
      }
    } catch (Found found) {
      return new Report(known.size(), schedules, depth + 1, false, sights, trace(found));
    }
    return new Report(known.size(), schedules, depth, next.isEmpty(), sights, null);
  }

  private void level() {
    List<State> present = next;
    int number = known.size() - present.size();
    next = new ArrayList<>();
    for (int i = 0; i < present.size(); i++) {
      State state = present.set(i, null);
      steps.from(state, new Expansion(state, number + i));
    }
  }

  // The way to a violation.

  private List<String> trace(Found found) {
    List<Short> way = new ArrayList<>();
    way.add(found.ordinal);
    for (int state = found.state; parents[state] >= 0; state = parents[state]) {
      way.add(ordinals[state]);
    }
    List<String> lines = new ArrayList<>();
    State state = State.first(bounds);
    for (short ordinal : way.reversed()) {
      Retrace retrace = new Retrace(state, ordinal);
      steps.from(state, retrace);
      lines.add(retrace.what);
      state = retrace.to;
    }
    lines.add("then " + found.what);
    return lines;
  }

  /** Makes one step of a state again. */
  private static final class Retrace implements Sink {
    private State to;
    private String what = "";
    private int left;

    Retrace(State from, int ordinal) {
      this.to = from;
      this.from = from;
      this.left = ordinal;
    }

    private final State from;

    @Override
    public void step(Supplier<String> name, Consumer<State> change) {
      if (left-- == 0) {
        what = name.get();
        to = from.copy();
        try {
          change.accept(to);
        } catch (Violation expected) {
          what += " (!)";
        }
      }
    }
  }
}
