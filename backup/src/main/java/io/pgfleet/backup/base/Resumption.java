package io.pgfleet.backup.base;

import io.pgfleet.backup.base.Journal.Entry;
import java.util.List;
import java.util.Set;

/**
 * What an attempt begins with.
 *
 * @param hash that tells packs of the same content
 * @param packs that earlier attempts have put, and that are there
 * @param journals of those attempts, by their objects' names
 */
record Resumption(Attempt attempt, ContentHash hash, List<Entry> packs, Set<String> journals) {
  Resumption {
    packs = List.copyOf(packs);
    journals = Set.copyOf(journals);
  }

  /** Nothing. */
  static Resumption none(String id) {
    return new Resumption(Attempt.first(id), ContentHash.random(), List.of(), Set.of());
  }
}
