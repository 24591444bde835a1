package io.pgfleet.backup.base;

import io.pgfleet.backup.Archive;
import io.pgfleet.backup.base.Journal.Entry;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Brings packs into the repository. One whose content an earlier attempt has put is there already;
 * it is told by its content, whatever its number was. For several threads.
 */
final class PackDesk {
  /** What a pack holds. */
  private record Content(String hash, int length) {}

  private final Attempt attempt;
  private final ContentHash hash;
  private final Outage outage;
  private final Consumer<Entry> journal;

  /** A content may have been put more than once, as one of zeros is. Each is taken once. */
  private final Map<Content, Queue<Entry>> there = new ConcurrentHashMap<>();

  private final AtomicInteger carried = new AtomicInteger();

  /**
   * A desk.
   *
   * @param begin with the packs of earlier attempts
   * @param journal told of each that was put
   */
  PackDesk(Resumption begin, Outage outage, Consumer<Entry> journal) {
    this.attempt = begin.attempt();
    this.hash = begin.hash();
    this.outage = outage;
    this.journal = journal;
    for (Entry pack : begin.packs()) {
      there
          .computeIfAbsent(
              new Content(pack.content(), pack.length()), _ -> new ConcurrentLinkedQueue<>())
          .add(pack);
    }
  }

  /** Puts a pack of what remains of a buffer outside of the heap, unless it is there. */
  Entry put(Archive.Writer writer, int number, ByteBuffer content) {
    Content held = new Content(hash.of(content), content.remaining());
    Queue<Entry> same = there.get(held);
    Entry known = same == null ? null : same.poll();
    if (known != null) {
      carried.incrementAndGet();
      return known;
    }
    String name = attempt.pack(number);
    Archive.Stored stored =
        outage.bridged(() -> writer.put(attempt.object(name), content), writer::again);
    Entry entry = new Entry(name, held.hash(), held.length(), stored.bytes(), stored.checksum());
    journal.accept(entry);
    return entry;
  }

  /** How many were there. */
  int carried() {
    return carried.get();
  }
}
