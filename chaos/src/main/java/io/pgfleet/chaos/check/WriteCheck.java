package io.pgfleet.chaos.check;

import io.pgfleet.chaos.check.Attempt.WriteKey;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Holds what clients were told of their writes against the rows in the end: acknowledged ones are
 * there once, refused ones not at all, those of unknown outcome once at most, and nothing else.
 */
public final class WriteCheck {
  private WriteCheck() {}

  /**
   * Checks.
   *
   * @param what the rows, in words
   * @param rows how many rows each write has left
   */
  public static void check(
      String what, Collection<Attempt> attempts, Map<WriteKey, Integer> rows, Findings findings) {
    findings.nextRule();
    Set<WriteKey> tried = new HashSet<>();
    for (Attempt attempt : attempts) {
      WriteKey key = attempt.key();
      if (!tried.add(key)) {
        findings.add(what + " " + key + " was tried twice, which is a mistake of the client");
      }
      int found = rows.getOrDefault(key, 0);
      switch (attempt.outcome()) {
        case ACKNOWLEDGED -> {
          if (found == 0) {
            findings.add(what + " " + key + " was acknowledged and is lost");
          }
        }
        case FAILED -> {
          if (found > 0) {
            findings.add(what + " " + key + " was refused and is there");
          }
        }
        case UNKNOWN -> {
          // either is right
        }
      }
      if (found > 1) {
        findings.add(what + " " + key + " is there " + found + " times");
      }
    }
    for (WriteKey key : rows.keySet()) {
      if (!tried.contains(key)) {
        findings.add(what + " " + key + " is there and nobody wrote it");
      }
    }
  }
}
