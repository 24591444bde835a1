package io.pgfleet.backup.base;

import io.pgfleet.backup.base.Journal.Entry;
import java.util.List;
import java.util.Set;

/**
 * What an attempt begins with.
 *
 * @param packs that earlier attempts have put, and that are there
 * @param journals of those attempts, by their objects' names
 */
record Resumption(Attempt attempt, List<Entry> packs, Set<String> journals) {
  Resumption {
    packs = List.copyOf(packs);
    journals = Set.copyOf(journals);
  }

  /** Nothing. */
  static Resumption none(String id) {
    return new Resumption(Attempt.first(id), List.of(), Set.of());
  }
}
