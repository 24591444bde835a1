package io.pgfleet.spec.setting;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds the word that was meant. */
public final class Nearest {
  private static final int LONGEST_WORD = 60;

  private Nearest() {}

  /**
   * The candidate that takes the fewest edits (insertions, deletions, replacements, swaps of
   * neighbours), if these are at most a third of the word's letters or, for short words, one.
   */
  public static Optional<String> of(String word, Collection<String> candidates) {
    if (word.length() > LONGEST_WORD) {
      return Optional.empty();
    }
    String folded = fold(word);
    int most = Math.max(1, folded.length() / 3);
    return candidates.stream()
        .filter(candidate -> distance(folded, fold(candidate)) <= most)
        .min(Comparator.comparingInt(candidate -> distance(folded, fold(candidate))));
  }

  private static String fold(String word) {
    return word.toLowerCase(Locale.ROOT).replace('-', '_');
  }

  /** The optimal string alignment distance. */
  static int distance(String a, String b) {
    int[][] cost = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          cost[i][j] = i + j;
          continue;
        }
        int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        int best = Math.min(cost[i - 1][j - 1] + change, cost[i - 1][j] + 1);
        best = Math.min(best, cost[i][j - 1] + 1);
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          best = Math.min(best, cost[i - 2][j - 2] + 1);
        }
        cost[i][j] = best;
      }
    }
    return cost[a.length()][b.length()];
  }
}
