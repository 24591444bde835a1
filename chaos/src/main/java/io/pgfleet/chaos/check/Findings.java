package io.pgfleet.chaos.check;

import java.util.ArrayList;
import java.util.List;

/** Broken promises. A rule that is broken often is told a few times and counted. */
public final class Findings {
  private static final int TOLD_OF_EACH = 20;

  private final List<String> told = new ArrayList<>();
  private int untold;
  private int ofThisRule;

  /** What follows is about another rule. */
  synchronized void nextRule() {
    ofThisRule = 0;
  }

  /** A promise is broken. */
  public synchronized void add(String what) {
    ofThisRule++;
    if (ofThisRule <= TOLD_OF_EACH) {
      told.add(what);
    } else {
      untold++;
    }
  }

  /** All of them in words; empty if every promise held. */
  public synchronized List<String> all() {
    List<String> all = new ArrayList<>(told);
    if (untold > 0) {
      all.add("and " + untold + " more");
    }
    return List.copyOf(all);
  }
}
