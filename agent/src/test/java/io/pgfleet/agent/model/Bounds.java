package io.pgfleet.agent.model;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/**
 * How large a group is explored, and how far.
 *
 * @param nodes how many nodes have the group's data at first; the first of them leads
 * @param blank how many more have none and join
 * @param synchronous how many standbys must have a commit
 * @param begun whether the synchronous set is complete at first; without it the reign has just
 *     begun
 * @param records the most records of WAL on a server, of which one is there at first
 * @param terms the highest term
 * @param faults how many things may go wrong on one path
 * @param kinds which
 * @param changes how often a primary may change what commits wait for
 * @param atOnce whether all processes of a server but its walsenders read changed settings in one
 *     step, which spares orders that a smaller group tries
 * @param depth the most steps on one path
 */
record Bounds(
    int nodes,
    int blank,
    int synchronous,
    boolean begun,
    int records,
    int terms,
    int faults,
    Set<Fault> kinds,
    int changes,
    boolean atOnce,
    int depth) {
  static final int MOST_NODES = 4;
  static final int MOST_RECORDS = 7;

  /** As deep as it goes. */
  static final int WHOLE = 1000;

  Bounds {
    if (nodes + blank > MOST_NODES || records > MOST_RECORDS || terms > 7) {
      throw new IllegalArgumentException("too large to be packed");
    }
    kinds = kinds.isEmpty() ? Set.of() : Collections.unmodifiableSet(EnumSet.copyOf(kinds));
  }

  /** Whether this may go wrong now. */
  boolean allows(Fault kind, State state) {
    return state.faults < faults && kinds.contains(kind);
  }

  /** The same to another depth. */
  Bounds to(int steps) {
    return new Bounds(
        nodes, blank, synchronous, begun, records, terms, faults, kinds, changes, atOnce, steps);
  }

  String words() {
    return nodes
        + " nodes"
        + (blank > 0 ? " and " + blank + " that joins" : "")
        + ", "
        + synchronous
        + " synchronous, "
        + faults
        + " of "
        + kinds.size()
        + " kinds of fault, "
        + changes
        + " changes of names"
        + (begun ? "" : ", reign just begun");
  }

  int size() {
    return nodes + blank;
  }
}
